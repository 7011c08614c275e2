# `make help` lists the targets. ARGS passes arguments on, e.g. make crash-rounds ARGS="--rounds 200".
# The work is in .ci/, one script each; cargo builds into target/ or $CARGO_TARGET_DIR.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run demo-reset test lint check generate bench crash-rounds simulate sdk-go sdk-python sdk-js-media sfu-simulate

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 19

run: ## the hub with demo data on http://127.0.0.1:8080 or the next free port; LAN=1: HTTPS for phones
	@LAN=$(LAN) LAN_ADDRESS=$(LAN_ADDRESS) .ci/start $(ARGS)

demo-reset: ## remove the data of `make run`; the next start makes the demo data anew
	@.ci/demo-reset

test: ## every test that needs no extra tool
	@.ci/test $(ARGS)

lint: ## rustfmt and clippy, no warning allowed
	@.ci/lint

check: ## licences, unused dependencies, documents, data of the checked queries
	@.ci/check

generate: ## rewrite the generated files (queries, OpenAPI, TypeScript types, schemas)
	@.ci/generate $(ARGS)

sdk-js-media: ## two Chromium pages with livekit-client see and hear each other over the sfu
	@.ci/sdk-media js

bench: ## benchmarks, as ratios within one run
	@cargo bench --workspace $(ARGS)

crash-rounds: ## kill the hub and Postgres under load and check what the clients saw
	@.ci/crash-rounds $(ARGS)

simulate: ## hubs, bus, network and clients in virtual time, by seed
	@.ci/simulate $(ARGS)

sdk-go: ## the public Go SDK's own tests against the hub in conformance mode
	@.ci/sdk-go

sdk-python: ## the public Python SDK's own tests against the hub in conformance mode
	@.ci/sdk-python

sfu-simulate: ## calls by chance on a virtual network: ARGS="--seeds 10000", ARGS=--control
	@.ci/sfu-simulate $(ARGS)
