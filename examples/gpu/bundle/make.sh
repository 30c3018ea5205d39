#!/bin/bash
# Makes the bundle: a runtime, the jars and run.sh in one archive. Called by the build:
# make.sh JAVA_HOME TARGET JAR NAME
set -euo pipefail
java_home=$1 target=$2 jar=$3 name=$4
here=$(cd "$(dirname "$0")" && pwd)

# What Akka, its configuration, the log and JCuda ask of the JDK.
modules=java.base,java.logging,java.management,java.naming,java.xml,jdk.unsupported

bundle=$target/$name
rm -rf "$bundle" "$bundle.tar.gz"
mkdir -p "$bundle"
"$java_home/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --output "$bundle/jre"
mv "$target/lib" "$bundle/lib" # so that no jar of an earlier build stays
cp "$target/$jar.jar" "$bundle/lib/"
cp "$here/../../../conf/logback.xml" "$here/../../../LICENSE" "$here/../../../NOTICE" "$bundle/"
cp "$here/run.sh" "$here/resnet50.py" "$here/README.txt" "$bundle/"
chmod +x "$bundle/run.sh"
tar -C "$target" --sort=name --owner=0 --group=0 --numeric-owner -czf "$bundle.tar.gz" "$name"
echo "$bundle.tar.gz: $(($(stat -c %s "$bundle.tar.gz") / 1000000)) MB"
