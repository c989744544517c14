# `make` alone prints what there is. Everything works from a fresh clone; each target installs what it lacks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI := 2.15.0
LINTER := bin/tools/golangci-lint-$(GOLANGCI)

ASSETS := web/assets
SOURCES := $(wildcard $(ASSETS)/*.mjs $(ASSETS)/*.json $(ASSETS)/src/* $(ASSETS)/src/*/*)
MODULES := $(ASSETS)/node_modules/.package-lock.json
BUNDLE := $(ASSETS)/dist/app.js

.PHONY: help demo test race quick build bridge fuzz bundle lint states bench soak screens image clean

help: ## Print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: ## Start the app, a pretend portal and a virtual PIN pad, and print where they are
	@scripts/install.sh demo
	@$(MAKE) build
	@exec bin/app demo

test: ## Run everything: both databases, both Redis, Chromium, race detector, linters
	@scripts/test.sh

race: ## Run the packages that start the whole product under the race detector too; an hour on two cores
	@scripts/install.sh test
	@$(MAKE) bundle
	@CGO_ENABLED=1 scripts/with-servers.sh go test -race -timeout 90m -p 1 -parallel 4 ./internal/stack ./internal/bench ./internal/journey ./internal/soak

quick: ## Run what needs no server and no browser, in under a minute
	@env -u TEST_DATABASE_URL -u TEST_REDIS_URL -u TEST_CHROMIUM -u TEST_REQUIRE go test -short ./...

build: bundle ## Build the one static binary, bin/app, with everything in it
	@CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=$(VERSION)" -o bin/app ./cmd/app

bridge: ## Build the till's program for Linux, Windows and macOS, into bin/bridge-*
	@for t in linux/amd64 linux/arm64 windows/amd64 darwin/arm64 darwin/amd64; do \
		[ $${t%/*} = windows ] && end=.exe || end=; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=$(VERSION)" \
			-o bin/bridge-$${t%/*}-$${t#*/}$$end ./cmd/bridge; \
	done
	@ls -l bin/bridge-*

fuzz: ## Fuzz the cable's codecs and the reading of answers, a minute each
	@go test ./kayaaku -run '^$$' -fuzz '^FuzzCodec$$' -fuzztime $(or $(FUZZTIME),60s)
	@go test ./kayaaku -run '^$$' -fuzz '^FuzzReply$$' -fuzztime $(or $(FUZZTIME),60s)

bundle: $(BUNDLE) ## Build the front end that the binary embeds

lint: $(LINTER) $(MODULES) ## Check style, forbidden calls, package arrows, types and colours
	@$(LINTER) run
	@cd $(ASSETS) && npm run --silent check

states: ## Draw payments/STATES.md from the state table
	@go test ./payments -run TestStatesFileIsCurrent -update

bench: ## Measure the bars that the README names, against floors taken in the same run
	@scripts/install.sh test
	@scripts/with-servers.sh go test -run '^$$' -bench . -benchmem -timeout 20m ./...

soak: ## Prove that nobody is charged twice: 10,000 payments under faults and kills; SOAK='-minutes 5 -seed 7'
	@scripts/install.sh test
	@scripts/soak.sh $(SOAK)
	@go test ./kayaaku/till -run '^TestTillSoak$$' -count=1 -v -timeout 30m -args -till-payments 2400
	@go test ./internal/stack -run '^TestKayaakuSoak$$' -count=1 -v -timeout 60m -args -kayaaku-payments 2100 -kayaaku-tills 12

screens: bundle ## Photograph every page in every state, language and width into tmp/screens; SCREENS=ar for one
	@scripts/install.sh test
	@scripts/screens.sh $(SCREENS)

image: build ## Build the container image and start the binary in it once
	@scripts/image.sh

clean: ## Remove what the other targets made
	@rm -rf bin tmp coverage.out $(ASSETS)/node_modules
	@find $(ASSETS)/dist -mindepth 1 ! -name .placeholder -delete

# npm rewrites its own record last, so that file's time tells whether the modules are those of the lock file.
$(MODULES): $(ASSETS)/package-lock.json $(ASSETS)/package.json
	@cd $(ASSETS) && npm ci --ignore-scripts --no-progress --loglevel=error >/dev/null
	@touch $@

$(BUNDLE): $(MODULES) $(SOURCES)
	@cd $(ASSETS) && npm run --silent build
	@touch $@

# Outside go.mod: the linter's own dependencies are no business of the product's.
$(LINTER):
	@mkdir -p bin/tools
	@GOBIN="$$PWD/bin/tools" GOFLAGS=-mod=mod go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI)
	@mv bin/tools/golangci-lint $@
