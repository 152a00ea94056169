#!/usr/bin/env bash
# Puts Neo4j Community 5.26.28 from Maven Central where the tests look for it. Needs Java 17 and Maven.
set -euo pipefail
folder="${HOME}/.cache/faultline-engines/neo4j-5.26.28"
[ -e "$folder/complete" ] && exit 0
mkdir -p "$folder"
cat >"$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>faultline</groupId><artifactId>neo4j-server</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>5.26.28</version></dependency>
  </dependencies>
</project>
POM
cd "$folder"
mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=lib
touch complete
