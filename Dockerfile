# Build: the server and what it needs, and a Java runtime with only the modules that it uses.
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn --batch-mode --no-transfer-progress -DskipTests -pl server -am package
RUN jlink --strip-debug --no-header-files --no-man-pages --output /opt/java --add-modules \
    java.base,java.desktop,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs

# Run: nothing but the runtime, the jars and the native libraries, as a user without rights.
FROM debian:stable-slim
ARG VERSION=0.1.0-SNAPSHOT
LABEL org.opencontainers.image.title="Nagare" \
      org.opencontainers.image.description="A reactive streaming inference and online-learning server." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /opt/java /opt/java
COPY --from=build /src/server/target/lib /opt/nagare/lib
COPY LICENSE /opt/nagare/
ENV PATH=/opt/java/bin:$PATH \
    NAGARE_NATIVE_DIR=/opt/nagare/native \
    MALLOC_ARENA_MAX=2
# Group 0 may write where the user may: platforms that pick a user id of their own keep that group.
# The doctor loads the native library, which unpacks it here once, readable for all and writable for none.
RUN mkdir -p /data /etc/nagare \
    && chown 1000:0 /data \
    && chmod g=u /data \
    && echo 'models: [{name: build, features: [x]}]' > /tmp/build.yaml \
    && java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow --add-modules=jdk.incubator.vector \
        -cp '/opt/nagare/lib/*' dev.nagare.server.cli.Nagare doctor --config /tmp/build.yaml \
    && rm /tmp/build.yaml \
    && chmod -R a+rX /opt/nagare/native
USER 1000:0
WORKDIR /data
VOLUME /data
EXPOSE 8000 8001 8002
STOPSIGNAL SIGTERM
# bash speaks TCP by itself: no tool is needed in the image, and no second JVM is started.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /v2/health/live HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
# The heap grows with the container's memory; tensors live outside of it, hence less than half.
ENTRYPOINT ["java", \
    "--enable-native-access=ALL-UNNAMED", \
    "--sun-misc-unsafe-memory-access=allow", \
    "--add-modules=jdk.incubator.vector", \
    "-XX:+UseSerialGC", \
    "-XX:MaxRAMPercentage=40", \
    "-XX:+ExitOnOutOfMemoryError", \
    "-cp", "/opt/nagare/lib/*", \
    "dev.nagare.server.cli.Nagare"]
CMD ["serve", "--config", "/etc/nagare/nagare.yaml"]
