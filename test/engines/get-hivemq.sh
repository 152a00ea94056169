#!/usr/bin/env bash
# Puts HiveMQ Community Edition 2025.5 from Maven Central where the tests look for it, with a main of ours. Needs a JDK (11 or
# newer) and Maven; takes a quarter of a minute.
set -euo pipefail
source="$(cd "$(dirname "$0")" && pwd)/hivemq/Broker.java"
folder="${HOME}/.cache/faultline-engines/hivemq-2025.5"
mkdir -p "$folder/classes"
cd "$folder"
if [ ! -e complete ]; then
  cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>faultline</groupId><artifactId>hivemq-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>com.hivemq</groupId><artifactId>hivemq-community-edition-embedded</artifactId><version>2025.5</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=lib
  touch complete
fi
# The source beside the classes tells whether they are those of today.
cmp -s "$source" classes/Broker.java && exit 0
javac -nowarn -cp 'lib/*' -d classes "$source"
cp "$source" classes/Broker.java
