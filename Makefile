# Every target first installs missing system libraries, which takes no time once they are installed.
.PHONY: help setup build mpi demo test tests lint conformance completions oracles bench hosts debian13 debian13-engine pictures evidence docs install uninstall clean

export PATH := $(PATH):/opt/swift/usr/bin:$(HOME)/.local/share/swiftly/bin

PREFIX ?= /usr/local
PYTHON ?= python3
LOWRANK_VENV ?= .venv
# The number of random strings and templates on which tokenizers and chat templates are compared;
# 100000 for a release.
STRINGS ?= 20000
# The number of random tables on which Parquet is compared, and of damaged files that are read.
TABLES ?= 3000
DAMAGED ?= 300000
# The seed of what is random in conformance, so that a run can be repeated; another one for a release.
SEED ?= 1

# The program and the tests share one build: alternating between them compiles nothing again.
test := swift test -c release --disable-testable-imports --disable-xctest --quiet --skip-build
oracle := $(LOWRANK_VENV)/bin/python
export PYTHON LOWRANK_VENV

help: ## Show what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | \
	  while read -r name meaning; do printf '%-16s %s\n' "$$name" "$$meaning"; done

setup: ## Install missing system libraries
	@scripts/setup

build: setup ## Build .build/release/lowrank
	@[ -e .build/release/lowrank ] || echo "Building lowrank; the first build takes about 4 minutes on 2 cores."
	swift build -c release --product lowrank

mpi: build ## Build libLowRankMPI.so beside it, for training in several processes
	@scripts/setup $(if $(filter mpich,$(LOWRANK_MPI_PACKAGE)),libmpich-dev mpich,libopenmpi-dev openmpi-bin)
	@MPICC=$(or $(MPICC),$(if $(filter mpich,$(LOWRANK_MPI_PACKAGE)),mpicc.mpich,mpicc)) \
	  scripts/mpi-library .build/release/libLowRankMPI.so

hosts: mpi ## Train across two hosts made of network namespaces, and cut the line between them
	@scripts/setup iproute2
	@scripts/two-hosts || [ $$? -eq 77 ]

debian13: ## Build everything and run the tests on Debian 13, in a root folder (needs root)
	@scripts/setup debootstrap
	@scripts/test-on debian13 || [ $$? -eq 77 ]

debian13-engine: ## Run the engine's tests there, which takes a few minutes
	@scripts/setup debootstrap
	@scripts/test-on debian13 engine || [ $$? -eq 77 ]

demo: build ## Train, check, save and merge an adapter on a model made on the spot
	.build/release/lowrank demo

test: tests ## Run the tests, optimised as the program is
	$(test)

# All of --build-tests would be the compilers of our dependencies too.
tests: build
	@[ -d .build/release/LowRankTensorsTests.build ] || echo "Building the tests, about 2 minutes the first time."
	swift build -c release --product swift-lowrankPackageTests

lint: build ## Check the format, sizes and cycles of the sources, the tests named in Trust.md, the page of methods, and names of settings
	swift format lint --strict --recursive --parallel Sources Tests Examples Package.swift
	scripts/check-trust
	scripts/size --check
	scripts/check-cycles --check
	scripts/check-methods
	scripts/check-keys

oracles: setup
	@$(PYTHON) -c 'import venv, ensurepip' || scripts/setup python3-venv
	@scripts/oracle-environment >/dev/null

conformance: oracles tests ## Compare live with PEFT, transformers, tokenizers, safetensors, pyarrow and the hub's client
	swift build -c release --product lowrank-test-hub
	$(oracle) Oracles/safetensors_roundtrip.py Tests/LowRankCheckpointsTests/Fixtures
	rm -rf .build/tokenizers
	$(oracle) Oracles/tokenizers_conformance.py .build/tokenizers $(STRINGS)
	LOWRANK_TOKENIZER_ORACLE="$(CURDIR)/.build/tokenizers" $(test) --filter TokenizerConformance
	$(oracle) Oracles/tokenizers_companions.py --count 500 --seed $(SEED) --output .build/companions.json
	LOWRANK_COMPANION_ORACLE="$(CURDIR)/.build/companions.json" $(test) --filter 'Tokens of the files beside'
	$(oracle) Oracles/rotary_fixture.py --count 500 --seed $(SEED) --output .build/rotary.json
	LOWRANK_ROTARY_ORACLE="$(CURDIR)/.build/rotary.json" $(test) --filter 'Rotary positions'
	rm -rf .build/templates
	$(oracle) Oracles/templates_conformance.py .build/templates $(STRINGS)
	LOWRANK_TEMPLATE_ORACLE="$(CURDIR)/.build/templates" $(test) --filter TemplateConformance
	rm -rf .build/parquet
	$(oracle) Oracles/parquet_conformance.py .build/parquet $(TABLES) $(SEED)
	LOWRANK_PARQUET_ORACLE="$(CURDIR)/.build/parquet" $(test) --filter ParquetConformance
	LOWRANK_PARQUET_FUZZ=$(DAMAGED) LOWRANK_PARQUET_FUZZ_SEED=$(SEED) $(test) --filter ParquetFuzzTests
	$(oracle) -m pytest -q Oracles/conformance
	$(oracle) -m pytest -q -rs Oracles/watch

bench: oracles build ## Compare the speed and memory of training with PEFT's
	$(oracle) Benchmarks/throughput.py --config Benchmarks/configs/gpt2-124m.json \
	  --batch 4 --length 256 --precision bf16,f32 --rank 8 --target c_attn
	$(oracle) Benchmarks/throughput.py --config Benchmarks/configs/qwen2.5-0.5b.json \
	  --batch 2 --length 256 --precision bf16 --rank 8 --target all-linear
	$(oracle) Benchmarks/encoder_throughput.py --config Benchmarks/configs/roberta-base.json \
	  --batch 16 --length 128 --precision bf16

pictures: build ## Make the documentation's pictures again (needs Chromium)
	.build/release/lowrank demo --output .build/pictures
	HEIGHT=1500 scripts/screenshots .build/pictures/report.html Documentation/Images

evidence: build ## Compare methods on names and E2E, and write Documentation/Evidence.md (an hour; PLANS names others)
	scripts/evidence $(PLANS)

docs: setup ## Make the library's documentation
	scripts/docs

install: build ## Install lowrank below PREFIX (/usr/local), with the Swift libraries it runs on
	@scripts/setup patchelf
	@scripts/install "$(DESTDIR)$(PREFIX)"

uninstall: ## Remove what make install put below PREFIX
	@scripts/install --remove "$(DESTDIR)$(PREFIX)"

completions: tests ## Test what the Tab key completes in bash, zsh and fish
	@scripts/setup bash-completion zsh fish
	$(test) --filter 'The Tab key'

clean: ## Remove what was built
	rm -rf .build .build-debian13
