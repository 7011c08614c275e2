# `make help` lists the targets. ARGS passes arguments on, e.g. make crash-rounds ARGS="--rounds 200".
# The work is in .ci/, one script each; cargo builds into target/ or $CARGO_TARGET_DIR.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run access-matrix join-schedules demo-reset test lint check generate bench crash-rounds simulate board-schedules delegate-schedules load canary api-fuzz fuzz sdk-go sdk-js sdk-python sdk-js-media sdk-go-media sfu-simulate quorum-oracle sdk-python-media

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

api-fuzz: ## requests by chance after the OpenAPI document; no fault, no answer outside the contract
	@.ci/api-fuzz $(ARGS)

fuzz: ## libFuzzer on every decoder: ARGS="--seconds 60 media_signal", default all
	@.ci/fuzz $(ARGS)

sdk-js-media: ## two Chromium pages with livekit-client see and hear each other over the sfu
	@.ci/sdk-media js

sdk-go-media: ## the public Go SDK's own tests against the media server
	@.ci/sdk-media go

sdk-python-media: ## our tests of the public Python SDK against the media server
	@.ci/sdk-media python

bench: ## benchmarks, as ratios within one run
	@cargo bench --locked -p hub -p sfu --bench fanout --bench timeline --bench forward $(ARGS)

crash-rounds: ## kill the hub, Postgres or Redis under load and check what the clients saw
	@.ci/crash-rounds $(ARGS)

access-matrix: ## the access file against a running hub, every role and route; ARGS=--control
	@.ci/access-matrix $(ARGS)

join-schedules: ## random schedules of joining and the one home; ARGS="--control removal"
	@.ci/join-schedules $(ARGS)

simulate: ## hubs, bus, network and clients in virtual time, by seed
	@.ci/simulate $(ARGS)

load: ## load on a release hub, scenario by scenario: ARGS="accept_64 storm", default all
	@.ci/load $(ARGS)

canary: ## plant secrets in a hub and search its logs and metrics for them
	@.ci/canary

delegate-schedules: ## the machine of a delegate's thread on schedules by chance
	@.ci/delegate-schedules $(ARGS)

board-schedules: ## the machine of a board post on schedules by chance
	@.ci/board-schedules $(ARGS)

quorum-oracle: ## random meetings and schedules against rules written apart; ARGS="--control half"
	@.ci/quorum-oracle $(ARGS)

sdk-go: ## the public Go SDK's own tests against the hub in conformance mode
	@.ci/sdk-go

sdk-js: ## our tests of the public JavaScript SDK against the hub in conformance mode
	@.ci/sdk-js

sdk-python: ## the public Python SDK's own tests, and ours of it, against the hub in conformance mode
	@.ci/sdk-python

sfu-simulate: ## calls by chance on a virtual network: ARGS="--seeds 10000", ARGS=--control
	@.ci/sfu-simulate $(ARGS)
