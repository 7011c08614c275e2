# The hub and the sfu with the web client inside.
FROM node:20-bookworm AS web
WORKDIR /src/web-client
COPY web-client/package.json web-client/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web-client ./
COPY signaling/schema /src/signaling/schema
RUN npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/web-client/dist web-client/dist
ENV SQLX_OFFLINE=true
RUN cargo build --release --locked -p hub -p sfu

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql-15 \
  && rm -rf /var/lib/apt/lists/* && useradd --system --home /var/lib/lianxin lianxin \
  && install -d -o lianxin -g lianxin -m 711 /var/lib/lianxin
COPY --from=build /src/target/release/hub /src/target/release/sfu /usr/bin/
USER lianxin
VOLUME /var/lib/lianxin
EXPOSE 8080 7880 7881/tcp 7882/udp
CMD ["hub", "run"]
