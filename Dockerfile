# The front end, the binary, and an image that holds nothing else: no shell, no package manager, no root.
ARG NODE_VERSION=22
ARG GO_VERSION=1.26

FROM node:${NODE_VERSION}-bookworm-slim AS bundle
WORKDIR /src/web/assets
COPY web/assets/package.json web/assets/package-lock.json web/assets/.npmrc ./
RUN npm ci --ignore-scripts
COPY web/assets/ ./
RUN npm run build

FROM golang:${GO_VERSION}-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=bundle /src/web/assets/dist/ web/assets/dist/
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=${VERSION}" -o /out/root/app ./cmd/app
RUN scripts/image-root.sh /out

# scripts/image.sh builds from here on, word for word, where no base image can be had.
FROM scratch
COPY --from=build /out/root/ /
COPY --from=build --chown=65532:65532 /out/home/ /
USER 65532:65532
WORKDIR /data
ENV ADDR=0.0.0.0:8600 DATA_DIR=/data LOG_FORMAT=json
EXPOSE 8600
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/app", "healthcheck"]
ENTRYPOINT ["/app"]
CMD ["serve"]
