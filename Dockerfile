# Faultline in one image: every role, or the ones named after `--roles`.
FROM node:26.10.0-bookworm-slim AS install
WORKDIR /opt/faultline
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:26.10.0-bookworm-slim AS console
WORKDIR /opt/faultline
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY console console
RUN node console/build.ts

FROM node:26.10.0-bookworm-slim
RUN useradd --system --create-home --home-dir /var/lib/faultline --user-group faultline
WORKDIR /opt/faultline
COPY --from=install /opt/faultline/node_modules node_modules
COPY package.json *.ts ./
COPY platform platform
COPY ingest ingest
COPY analytics analytics
COPY cmdb cmdb
COPY ticketing ticketing
COPY notify notify
COPY console/index.ts console/serve.ts console/
COPY --from=console /opt/faultline/console/dist console/dist
ENV DATA_DIR=/var/lib/faultline/data HTTP_HOST=0.0.0.0 MQTT_HOST=0.0.0.0
RUN mkdir -p "$DATA_DIR" && chown faultline:faultline "$DATA_DIR"
USER faultline
VOLUME /var/lib/faultline/data
EXPOSE 8080 1883 8083 8883
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "main.ts"]
