# Everything a reader needs: make paper, make test. The environment is made on first use.
SHELL := bash -o pipefail
PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
# Tools are modules of this Python and never scripts: a script of a copied environment runs the packages of the original.
PY := $(BIN)/python
MADE := $(VENV)/.made
# What few commands need is installed on their first use.
EXTRAS := archive detector slurm
ARCHIVE := $(VENV)/.archive
SLURM := $(VENV)/.slurm
AXE := $(VENV)/.axe
DETECTORS := $(VENV)/.detector
# An environment is believed when it stands where it was made, from the lock as it is.
STATE = { (cd $(VENV) 2>/dev/null && test -x bin/python && pwd -P); cksum <requirements.txt; }
ifneq ($(shell $(STATE)),$(shell cat $(MADE) 2>/dev/null))
.PHONY: $(MADE)
endif
# What is given to make reaches the recipes through the environment and as it is, so that neither a shell nor make
# itself runs what a file name holds.
$(foreach name,DATA TEST BUILD CONFIG FORCE OUT ROWS SEED FORM A B TOLERANCE COUNT CRATE REBUILD KEY STYLE SYNTHETIC FIND ID SIZE RUNS NEW MODEL FEATURES DETECTOR FLOWS FORMAT FPR THRESHOLD BASE EXPLAIN SKIP ALERTS DAYS,$(if $(filter undefined,$(origin $(name))),,\
	$(eval export $(name)) $(eval override $(name) := $$(value $(name)))))
# Settings that the workflow gets from the command line; what is not given keeps its value from config/study.yaml.
CONFIG_VALUES = $(if $(DATA),data="$$DATA") $(if $(TEST),test="$$TEST") $(if $(BUILD),build="$$BUILD") $(if $(FORCE),force=true)
SNAKEMAKE = $(PY) -m snakemake --cores $(CORES) $(if $(filter slurm,$(EXECUTOR)),--profile profiles/slurm) $(if $(NO_COLOR),--nocolor) $(if $(CONFIG),--configfile="$$CONFIG")
ifneq ($(filter-out slurm,$(EXECUTOR)),)
$(error EXECUTOR=$(EXECUTOR): the steps run here, or with EXECUTOR=slurm on a cluster)
endif
WITH = $(if $(strip $(1)),--config $(1))

.PHONY: help paper inspect twin seeds reproduce compare audit diff archive detector detect calibrate cite values verify docx study test check format settings freeze lock picture graph quarto timings bench opening mutants coverage clean
.DEFAULT_GOAL := help

help: ## List what there is
	@echo "flowpaper: flows go in, a typeset paper comes out."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo
	@echo "Real data:   make paper DATA=<file, folder, zip or address> BUILD=<name> [CONFIG=<settings.yaml>] [FORCE=1]"
	@echo "All settings, with comments: config/study.yaml. More: README.md."

.PHONY: config
config: $(MADE)
	@test -z "$$CONFIG" || $(PY) -m analysis.settings_file "$$CONFIG"

paper: config $(if $(filter slurm,$(EXECUTOR)),$(SLURM)) ## Build the paper: of the synthetic twin, or of DATA= into results/BUILD; TEST=<build>: tested there; EXECUTOR=slurm
	@$(if $(EXECUTOR),,$(PY) -m analysis.settled $(if $(CONFIG),--configfile="$$CONFIG") $(call WITH,$(CONFIG_VALUES)) ||) \
		$(SNAKEMAKE) $(call WITH,$(CONFIG_VALUES))

inspect: $(MADE) ## Say what a copy of the data is, without building: make inspect DATA=<file, folder or address>
	@test -n "$$DATA" || { echo "make inspect: give the data, as in make inspect DATA=data/flows.zip" >&2; exit 2; }
	@$(PY) -m analysis.dataset.input.inspect -- "$$DATA"

twin: $(MADE) ## Write synthetic day files: make twin ROWS=2830743 OUT=<folder> [SEED=] [FORM=corrected]
	@test -n "$$OUT" || { echo "make twin: give the folder to write, as in make twin ROWS=2830743 OUT=data/flows" >&2; exit 2; }
	@$(PY) -m analysis.twin --flows="$$OUT" --progress \
		$(if $(ROWS),--rows="$$ROWS") $(if $(SEED),--seed="$$SEED") $(if $(FORM),--form="$$FORM")

N ?= 5
seeds: config ## Repeat split and fit over N seeds (default 5) and show mean, deviation and range in the paper
	@data="$$DATA"; \
	if [ -z "$$data" ] && [ -n "$$BUILD" ]; then data=$$($(PY) -m analysis.preflight "$$BUILD"); fi; \
	$(SNAKEMAKE) --config seeds=$(N) $(if $(BUILD),build="$$BUILD") $(if $(FORCE),force=true) $${data:+data="$$data"}

reproduce: config ## Build the twin twice, in two folders with different --cores, and compare every file byte by byte
	@$(PY) -m analysis.audit.reproduce $(if $(CONFIG),--configfile="$$CONFIG")

compare: $(MADE) ## Compare two builds within tolerances, as of two machines: A=<name or folder> B=<...> [TOLERANCE=]
	@test -n "$$A" && test -n "$$B" || { echo "make compare: name two builds, as in make compare A=twin B=elsewhere/twin" >&2; exit 2; }
	@$(PY) -m analysis.audit.compare_builds $(if $(TOLERANCE),--tolerance="$$TOLERANCE") -- "$$A" "$$B"

cite: $(MADE) ## Cite a number: KEY=binary.best.f1 [BUILD=] [STYLE=apa|ieee|chicago|bibtex|csl-json] [SYNTHETIC=1]
	@test -n "$$KEY" || { echo "make cite: name a value, as in make cite KEY=binary.best.f1; make values lists them" >&2; exit 2; }
	@$(PY) -m analysis.citing.cite $(if $(BUILD),--build="$$BUILD") $(if $(STYLE),--style="$$STYLE") \
		$(if $(SYNTHETIC),--synthetic) -- "$$KEY"

values: $(MADE) ## List the values of a build with text, interval and definition: [FIND=words] [BUILD=]
	@$(PY) -m analysis.citing.values $(if $(FIND),--find="$$FIND") $(if $(BUILD),--build="$$BUILD")

diff: $(MADE) ## Tell what differs between two builds, flipped claims first: A=<name or folder> B=<...> [OUT=<folder>]
	@test -n "$$A" && test -n "$$B" || { echo "make diff: name two builds, as in make diff A=original B=corrected" >&2; exit 2; }
	@$(PY) -m analysis.difference $(if $(OUT),--out="$$OUT") -- "$$A" "$$B" || test $$? -eq 1

audit: $(MADE) ## Write a build's page for referees again, with time and memory of each step: BUILD=<name> (default twin)
	@$(PY) -m paper.audit.timed "$${BUILD:-twin}"

study: $(MADE) ## Begin a file of what a publication claims, for the build to judge: make study NEW=<id> (docs/studies.md)
	@test -n "$$NEW" || { echo "make study: give an id, as in make study NEW=smith2024" >&2; exit 2; }
	@$(PY) -m analysis.studies.new "$$NEW"

archive: $(MADE) $(ARCHIVE) ## Write a build as one file, a Workflow Run RO-Crate: results, settings, lock, code: BUILD= (twin)
	@$(PY) -m analysis.archive.crate $(if $(OUT),--out="$$OUT") -- "$${BUILD:-twin}"

detector: $(MADE) $(DETECTORS) ## Write a build's model as a detector in ONNX (docs/detector.md): BUILD= (twin) [MODEL=] [FEATURES=] [OUT=]
	@$(PY) -m analysis.detector.make $(if $(MODEL),--model="$$MODEL") $(if $(FEATURES),--features="$$FEATURES") \
		$(if $(OUT),--out="$$OUT") -- "$${BUILD:-twin}"

detect: $(MADE) $(DETECTORS) ## Write a detector's alerts: DETECTOR= FLOWS=<file, folder, zip or -> [FORMAT=ecs|ocsf|csv] [FPR=0.001] [SKIP=1] [OUT=]
	@test -n "$$DETECTOR" && test -n "$$FLOWS" || { echo "make detect: give both, as in make detect" \
		"DETECTOR=results/twin.detector FLOWS=data/flows.csv" >&2; exit 2; }
	@$(PY) -m analysis.detector.detect $(if $(FORMAT),--form="$$FORMAT") $(if $(FPR),--fpr="$$FPR") \
		$(if $(THRESHOLD),--threshold="$$THRESHOLD") $(if $(BASE),--base="$$BASE") $(if $(EXPLAIN),--explain="$$EXPLAIN") \
		$(if $(SKIP),--skip) $(if $(OUT),--out="$$OUT") -- "$$DETECTOR" "$$FLOWS" || test $$? -eq 1

calibrate: $(MADE) $(DETECTORS) ## Find the threshold for a network of your own: DETECTOR= FLOWS= ALERTS=20/day [DAYS=] [SKIP=1] [OUT=]
	@test -n "$$DETECTOR" && test -n "$$FLOWS" && test -n "$$ALERTS" || { echo "make calibrate: give all three, as in" \
		"make calibrate DETECTOR=results/twin.detector FLOWS=data/flows.csv ALERTS=20/day" >&2; exit 2; }
	@$(PY) -m analysis.detector.calibrate --alerts="$$ALERTS" $(if $(DAYS),--days="$$DAYS") $(if $(SKIP),--skip) $(if $(OUT),--out="$$OUT") \
		-- "$$DETECTOR" "$$FLOWS"

verify: $(MADE) ## Check a build or a crate by its checksums: ID=, BUILD= or CRATE=; REBUILD=1 builds it again [DATA=] and compares
	@test -n "$$ID$$BUILD$$CRATE" || { echo "make verify: give ID=<id of a build>, BUILD=<name or folder> or CRATE=<file>" >&2; exit 2; }
	@test -z "$$ID" || test -z "$$BUILD$$CRATE" || { echo "make verify: give one of ID=, BUILD= and CRATE=" >&2; exit 2; }
	@$(if $(if $(REBUILD),,$(ID)),$(PY) -m analysis.citing.verify -- "$$ID",$(PY) -m analysis.archive.verify \
		$(if $(ID),--identifier="$$ID") $(if $(BUILD),--build="$$BUILD") $(if $(CRATE),--crate="$$CRATE") $(if $(REBUILD),--again) $(if $(DATA),--data="$$DATA"))

docx: $(MADE) ## Write the paper of a build as a Word document: BUILD= (twin)
	@$(PY) -m paper.docx $(if $(OUT),--out="$$OUT") -- "$${BUILD:-twin}"

test: $(MADE) $(ARCHIVE) $(DETECTORS) $(AXE) ## Run the tests
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(PY) -m pytest -n 2 $(TESTS)

bench: $(MADE) ## Time this workflow beside a notebook of the same study: make bench [SIZE=0.02] [RUNS=3]; a size of 1 takes hours
	@$(PY) -m benchmarks $(if $(SIZE),--size="$$SIZE") $(if $(RUNS),--runs="$$RUNS") $(if $(filter-out all,$(CORES)),--cores $(CORES))

opening: $(MADE) ## Measure how long the pages of a build take to open in Chromium: [BUILD=twin] [RUNS=5]
	@$(PY) -m benchmarks.opening $(if $(BUILD),--build="$$BUILD") $(if $(RUNS),--runs="$$RUNS")

mutants: $(MADE) ## Break what computes in COUNT places (300), one at a time, and see whether the tests notice
	@$(PY) -m tools.mutants --count="$${COUNT:-300}"

coverage: $(MADE) ## Measure by simulation how often each kind of interval holds the truth, for the paper to print
	@$(PY) -m tools.coverage

check: $(MADE) ## Style, types, lint of workflow and manuscript
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m snakefmt --check Snakefile analysis figures paper
	$(PY) -m mypy
	$(PY) -m tools.workflow_lint
	$(PY) -m paper.lint paper/paper.qmd

format: $(MADE) ## Bring the code into the house format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) -m snakefmt Snakefile analysis figures paper

settings: $(MADE) ## Write config/study.yaml anew from analysis/settings.py
	$(PY) -m analysis.settings config/study.yaml

freeze: $(MADE) ## Freeze what decides the paper's second part, before a complete release is read: config/frozen.yaml
	$(PY) -m tools.freeze config/frozen.yaml

picture: $(MADE) ## Make docs/paper.png anew from the twin's paper, building that first where need be
	@$(SNAKEMAKE) --config build=twin
	@$(PY) -m paper.picture results/twin/paper.pdf docs/paper.png

graph: $(MADE) ## Draw the workflow's rules anew: docs/workflow.md
	@$(PY) -m tools.rule_graph >docs/.workflow.md && mv docs/.workflow.md docs/workflow.md

lock: $(MADE) ## Write requirements.txt anew from pyproject.toml: newest versions, with hashes
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv
	$(VENV)/lock/bin/python -m uv pip compile pyproject.toml --extra dev --universal --fork-strategy fewest --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" --quiet \
		-o requirements.txt
	for group in $(EXTRAS); do $(VENV)/lock/bin/python -m uv pip compile --group $$group --constraint requirements.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" \
		--quiet -o requirements-$$group.txt || exit 1; done
	$(VENV)/lock/bin/python -m uv pip compile --group axe --no-deps --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" --quiet \
		-o requirements-axe.txt

quarto: $(MADE) ## Try to add Quarto to .venv; without it Pandoc and Typst set the paper
	@$(PY) -m pip install --quiet quarto-cli >$(VENV)/quarto.log 2>&1 && $(BIN)/quarto --version >>$(VENV)/quarto.log 2>&1 \
		&& echo "Quarto $$($(BIN)/quarto --version) is in $(VENV); the next build uses it." \
		|| { $(PY) -m pip uninstall --quiet --yes quarto-cli >/dev/null 2>&1; \
		echo "Quarto could not be installed: its installer downloads the release from the project's site, which this" >&2; \
		echo "machine does not reach (log: $(VENV)/quarto.log). Install it from quarto.org, or go on without: the paper" >&2; \
		echo "is then set by Pandoc and Typst, from the same source." >&2; exit 1; }

timings: ## Show how long each step of a build took (BUILD=, default twin)
	@ls "build/$${BUILD:-twin}/benchmarks/"*.tsv >/dev/null 2>&1 || { there=$$(ls build 2>/dev/null | tr '\n' ' '); \
		echo "make timings: there is no build $${BUILD:-twin} here; $${there:+name one: }$${there:-build it first: make paper}" >&2; exit 2; }
	@cd "build/$${BUILD:-twin}/benchmarks" && awk 'FNR==2 {printf "%8.1f s %8.0f MB  %s\n", $$1, $$3, FILENAME}' *.tsv | sort -rn

clean: ## Remove the cache and results of one build: BUILD=<name>
	@test -n "$$BUILD" || { echo "make clean removes one build: give its name, as in make clean BUILD=twin" >&2; exit 2; }
	@case "$$BUILD" in */*|.*) echo "BUILD is a name under results/, not a path" >&2; exit 2;; esac
	rm -rf "build/$$BUILD" "results/$$BUILD" "results/$$BUILD.detector" "results/$$BUILD.crate.zip" "results/$$BUILD.docx"

# The marker is written last, so an environment whose making was interrupted is made again.
$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one with make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "making the environment in $(VENV): once, in one to five minutes" >&2
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m analysis.environment requirements.txt
	@$(STATE) >$@

$(EXTRAS:%=$(VENV)/.%) $(AXE): $(VENV)/.%: requirements-%.txt $(MADE)
	@$(PY) -m analysis.environment $<
	@touch $@
