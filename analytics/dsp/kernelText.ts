/**
 * The loops of an analysis over whole arrays, four values at a time, on the memory of the float32 transforms. Parameters
 * are byte addresses; `$end` is the address after the last value of the first array. Arrays may be unaligned.
 */
export const KERNELS = `
;; x ← (x − mean of x) · weights
(func $window (param $x $weights $end $count) (local $i i32) (local $sum v128) (local $more v128)
  (local.set $i (local.get $x))
  (loop $adding
    (local.set $sum (f32x4.add (local.get $sum) (v128.load (local.get $i))))
    (local.set $more (f32x4.add (local.get $more) (v128.load offset=16 (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 32)))
    (br_if $adding (i32.lt_u (local.get $i) (local.get $end))))
  (local.set $sum (f32x4.add (local.get $sum) (local.get $more)))
  (local.set $sum (f32x4.add (local.get $sum) (f32x4.shuffle 2 3 0 1 (local.get $sum) (local.get $sum))))
  (local.set $sum (f32x4.add (local.get $sum) (f32x4.shuffle 1 0 3 2 (local.get $sum) (local.get $sum))))
  (local.set $sum (f32x4.div (local.get $sum) (f32x4.splat (f32.convert_i32_u (local.get $count)))))
  (local.set $i (local.get $x))
  (loop $weighing
    (v128.store (local.get $i)
      (f32x4.mul (f32x4.sub (v128.load (local.get $i)) (local.get $sum)) (v128.load (local.get $weights))))
    (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
    (local.set $i (i32.add (local.get $i) (i32.const 16)))
    (br_if $weighing (i32.lt_u (local.get $i) (local.get $end)))))

;; power[k] ← power[k] + |bins[k]|²
(func $addPower (param $bins $power $end) (local $a v128) (local $b v128) (local $re v128) (local $im v128)
  (loop $next
    (local.set $a (v128.load (local.get $bins)))
    (local.set $b (v128.load offset=16 (local.get $bins)))
    (local.set $re (f32x4.shuffle 0 2 4 6 (local.get $a) (local.get $b)))
    (local.set $im (f32x4.shuffle 1 3 5 7 (local.get $a) (local.get $b)))
    (v128.store (local.get $power)
      (f32x4.add (v128.load (local.get $power))
        (f32x4.add (f32x4.mul (local.get $re) (local.get $re)) (f32x4.mul (local.get $im) (local.get $im)))))
    (local.set $power (i32.add (local.get $power) (i32.const 16)))
    (local.set $bins (i32.add (local.get $bins) (i32.const 32)))
    (br_if $next (i32.lt_u (local.get $bins) (local.get $end)))))

;; out[k] ← bins[k] / |bins[k]|, and the power of each eight bins into groups
(func $whiten (param $bins $out $groups $end)
    (local $a v128) (local $b v128) (local $re v128) (local $im v128) (local $power v128)
    (local $first v128) (local $least v128) (local $one v128)
  ;; A silent bin stays silent.
  (local.set $least (f32x4.splat (f32.const 1e-36)))
  (local.set $one (f32x4.splat (f32.const 1)))
  (loop $next
    ${[0, 32]
      .map(
        (at) => `
    (local.set $a (v128.load offset=${at} (local.get $bins)))
    (local.set $b (v128.load offset=${at + 16} (local.get $bins)))
    (local.set $re (f32x4.shuffle 0 2 4 6 (local.get $a) (local.get $b)))
    (local.set $im (f32x4.shuffle 1 3 5 7 (local.get $a) (local.get $b)))
    (local.set $power
      (f32x4.add (f32x4.mul (local.get $re) (local.get $re)) (f32x4.mul (local.get $im) (local.get $im))))
    (local.set $a (f32x4.div (local.get $one) (f32x4.sqrt (f32x4.pmax (local.get $power) (local.get $least)))))
    (local.set $re (f32x4.mul (local.get $re) (local.get $a)))
    (local.set $im (f32x4.mul (local.get $im) (local.get $a)))
    (v128.store offset=${at} (local.get $out) (f32x4.shuffle 0 4 1 5 (local.get $re) (local.get $im)))
    (v128.store offset=${at + 16} (local.get $out) (f32x4.shuffle 2 6 3 7 (local.get $re) (local.get $im)))
    ${at === 0 ? '(local.set $first (local.get $power))' : ''}`,
      )
      .join('')}
    (local.set $power (f32x4.add (local.get $power) (local.get $first)))
    (local.set $power (f32x4.add (local.get $power) (f32x4.shuffle 2 3 0 1 (local.get $power) (local.get $power))))
    (f32.store (local.get $groups)
      (f32.add (f32x4.extract_lane 0 (local.get $power)) (f32x4.extract_lane 1 (local.get $power))))
    (local.set $groups (i32.add (local.get $groups) (i32.const 4)))
    (local.set $out (i32.add (local.get $out) (i32.const 64)))
    (local.set $bins (i32.add (local.get $bins) (i32.const 64)))
    (br_if $next (i32.lt_u (local.get $bins) (local.get $end)))))

;; out ← bins · gains, one gain for each eight bins; four groups a turn
(func $level (param $bins $out $gains $end) (local $four v128) (local $gain v128)
  (loop $next
    (local.set $four (v128.load (local.get $gains)))
    ${[0, 1, 2, 3]
      .map(
        (group) => `
    (local.set $gain (f32x4.splat (f32x4.extract_lane ${group} (local.get $four))))
    ${[0, 16, 32, 48]
      .map((byte) => 64 * group + byte)
      .map(
        (at) =>
          `(v128.store offset=${at} (local.get $out) (f32x4.mul (local.get $gain) (v128.load offset=${at} (local.get $bins))))`,
      )
      .join('\n    ')}`,
      )
      .join('')}
    (local.set $gains (i32.add (local.get $gains) (i32.const 16)))
    (local.set $out (i32.add (local.get $out) (i32.const 256)))
    (local.set $bins (i32.add (local.get $bins) (i32.const 256)))
    (br_if $next (i32.lt_u (local.get $bins) (local.get $end)))))

;; out[i] ← |z[2i]|² + |z[2i + 1]|²
(func $fold (param $z $out $end)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
  (loop $next
    ${['a', 'b', 'c', 'd']
      .map(
        (v, i) => `
    (local.set $${v} (v128.load offset=${16 * i} (local.get $z)))
    (local.set $${v} (f32x4.mul (local.get $${v}) (local.get $${v})))`,
      )
      .join('')}
    (local.set $a (f32x4.add
      (f32x4.shuffle 0 4 1 5 (local.get $a) (local.get $b)) (f32x4.shuffle 2 6 3 7 (local.get $a) (local.get $b))))
    (local.set $c (f32x4.add
      (f32x4.shuffle 0 4 1 5 (local.get $c) (local.get $d)) (f32x4.shuffle 2 6 3 7 (local.get $c) (local.get $d))))
    (v128.store (local.get $out) (f32x4.add
      (f32x4.shuffle 0 1 4 5 (local.get $a) (local.get $c)) (f32x4.shuffle 2 3 6 7 (local.get $a) (local.get $c))))
    (local.set $out (i32.add (local.get $out) (i32.const 16)))
    (local.set $z (i32.add (local.get $z) (i32.const 64)))
    (br_if $next (i32.lt_u (local.get $z) (local.get $end)))))

;; out ← a[0], b[0], a[1], b[1] …
(func $interleave (param $a $b $out $end) (local $x v128) (local $y v128)
  (loop $next
    (local.set $x (v128.load (local.get $a)))
    (local.set $y (v128.load (local.get $b)))
    (v128.store (local.get $out) (f32x4.shuffle 0 4 1 5 (local.get $x) (local.get $y)))
    (v128.store offset=16 (local.get $out) (f32x4.shuffle 2 6 3 7 (local.get $x) (local.get $y)))
    (local.set $a (i32.add (local.get $a) (i32.const 16)))
    (local.set $b (i32.add (local.get $b) (i32.const 16)))
    (local.set $out (i32.add (local.get $out) (i32.const 32)))
    (br_if $next (i32.lt_u (local.get $a) (local.get $end)))))
`;
