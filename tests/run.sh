#!/usr/bin/env bash
# Sets up what is missing, builds everything with warnings as errors, and runs all tests. The last line is the result:
# "N passed, N failed" (", N skipped" follows where there are any). The exit status is 0 only if nothing failed.
set -euo pipefail

# shellcheck source=deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/lib.sh"

usage() {
    cat <<'END'
tests/run.sh [--long] [--filter X]

  --long       runs the tests of the category Long too, and allows an hour instead of 14 minutes
  --filter X   only what matches: a part of a test's name, or an expression of `dotnet test --filter`
END
}

readonly short_limit=840 long_limit=3600 hang_limit=300s

# Most tests wait for something most of the time: one more of them than there are cores keeps the cores busy.
workers=$(($(nproc) + 1))
readonly workers

# A runner that is out of time still needs some to write down what it saw.
readonly last_words=20

passed=0 failed=0 skipped=0
troubles=()  # what failed without being a test

main() {
    read_arguments "$@"
    results="$(mktemp -d)"
    trap 'at_exit' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if (require_dotnet && require_postgres && require_prometheus && require_fault_tools) && build; then
        run_projects
        show_failures
        show_slowest
    else
        failed=1
    fi
    reached_the_end=true
    # What says nothing has failed, but ran nothing, is a failure too.
    ((passed + failed > 0)) || failed=1
    ((failed == 0))
}

read_arguments() {
    local long=false
    limit=$short_limit filter=""
    while (($# > 0)); do
        case "$1" in
            --long) long=true limit=$long_limit ;;
            --filter) shift && filter="${1:?--filter needs a value}" ;;
            --help | -h) usage && exit 0 ;;
            *) usage >&2 && fail "What is '$1'?" ;;
        esac
        shift
    done
    if ! $long; then filter="${filter:+($filter)&}Category!=Long"; fi
}

# The tests let Prometheus itself judge /metrics.
require_prometheus() {
    if command -v prometheus >/dev/null && command -v promtool >/dev/null; then return; fi
    may_install || fail "Prometheus is missing (prometheus and promtool on PATH). Install it, as root: apt-get install -y --no-install-recommends prometheus"
    install_packages prometheus
}

# strace makes flushes fail, libfaketime sets clocks apart. The tests of these two faults say why they are skipped without them.
require_fault_tools() {
    local missing=()
    command -v strace >/dev/null || missing+=(strace)
    command -v faketime >/dev/null || missing+=(faketime)
    if ((${#missing[@]} == 0)) || ! may_install; then return; fi
    install_packages "${missing[@]}"
}

build() {
    local log="$results/build.log" began=$SECONDS
    say "Building (Release, warnings are errors) ..."
    lock_build
    if ! in_background dotnet build "$root/CrmGrains.sln" -c Release --disable-build-servers -v quiet -clp:NoSummary >"$log" 2>&1; then
        grep -E ': (error|warning) ' "$log" | sort -u || cat "$log"
        say "The build failed."
        return 1
    fi
    unlock_build
    say "Built in $((SECONDS - began)) s."
}

run_projects() {
    local projects=() project
    # In this order the quick ones come first.
    mapfile -t projects < <(compgen -G "$root/tests/*/*Tests.csproj" | sort --reverse)
    for project in "${projects[@]}"; do
        run_project "$project" "$(basename "$project" .csproj)"
    done
}

# Each project has what is left of the time: the runner ends a hanging session and reports it, and `timeout` ends a hanging runner.
run_project() {
    local project="$1" name="$2" began=$SECONDS left=$((limit - SECONDS)) status=0
    say "" "$name ..."
    if ((left <= last_words)); then
        add_trouble "$name: no time was left for it (the limit is $limit s)."
        return
    fi
    in_background timeout --kill-after=10 "$left" dotnet test "$project" --no-build -c Release \
        --filter "$filter" --results-directory "$results/$name" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
        --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none \
        -- "xUnit.MaxParallelThreads=$workers" "RunConfiguration.TestSessionTimeout=$(((left - last_words) * 1000))" </dev/null || status=$?
    count "$name" "$status"
    say "$name took $((SECONDS - began)) s."
}

# Adds what a project's result file says. A run that was cut short is one failure more: the test that hung or crashed has no result.
count() {
    local name="$1" status="$2" file="$results/$1/$1.trx" counters="" project_failed=0
    [[ ! -f $file ]] || counters="$(tr '\n' ' ' <"$file" | grep -oE '<Counters [^>]*>' | tail -n 1)" || true
    if [[ -n $counters ]]; then
        local project_passed total executed
        project_passed="$(counter passed)" total="$(counter total)" executed="$(counter executed)"
        project_failed=$((executed - project_passed))
        passed=$((passed + project_passed))
        skipped=$((skipped + total - executed))
    fi
    failed=$((failed + project_failed))
    if [[ -z $counters ]]; then
        add_trouble "$name: the run left no results; its status is $status."
    elif grep -qE '<Text>(The active test run was aborted|Aborting test run)' "$file"; then
        add_trouble "$name: the run was cut short by a test that hung or ended the process; see above."
    elif ((project_failed == 0 && status != 0)); then
        add_trouble "$name: the runner ended with status $status."
    fi
}

add_trouble() {
    say "$1"
    troubles+=("  $1")
    failed=$((failed + 1))
}

# Reads one number of the element in $counters.
counter() {
    [[ $counters =~ \ $1=\"([0-9]+)\" ]] || return 1
    say "${BASH_REMATCH[1]}"
}

# Prints "outcome<TAB>seconds<TAB>name" and, for a failed test, its message on the lines that follow, indented.
read_results() {
    local file
    for file in "$results"/*/*.trx; do
        [[ -f $file ]] || continue
        awk '
            function attribute(line, name) {
                if (!match(line, " " name "=\"[^\"]*\"")) return ""
                return plain(substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
            }
            function plain(text) {
                gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#xA;/, " ", text)
                gsub(/&#xD;/, "", text); gsub(/&apos;/, "\x27", text); gsub(/&amp;/, "\\&", text); return text
            }
            /<UnitTestResult / {
                outcome = attribute($0, "outcome"); split(attribute($0, "duration"), part, ":")
                printf "%s\t%.1f\t%s\n", outcome, part[1] * 3600 + part[2] * 60 + part[3], attribute($0, "testName")
            }
            /<Message>/ && outcome == "Failed" { inside = 1; sub(/.*<Message>/, "") }
            inside { ended = sub(/<\/Message>.*/, ""); printf "    %s\n", plain($0); if (ended) { inside = 0; outcome = "" } }
        ' "$file"
    done
}

show_failures() {
    local report
    report="$(read_results | awk -F '\t' '/^    / { if (shown) print; next } { shown = $1 == "Failed" } shown { print "  " $3 }')"
    [[ -z $report ]] || troubles+=("$report")
    if ((${#troubles[@]} > 0)); then say "" "Failed:" "${troubles[@]}"; fi
}

show_slowest() {
    say "" "The slowest:"
    read_results | grep -v '^    ' | sort -t $'\t' -k 2,2nr | awk -F '\t' 'NR <= 10 { printf "  %6.1f s  %s\n", $2, $3 }'
}

at_exit() {
    local status=$?
    trap '' INT TERM HUP
    stop_step
    # However it ends, the last line is the result, and one that stops half way is no success.
    if ! ${reached_the_end:-false} && ((failed == 0)); then failed=1; fi
    say "" "$passed passed, $failed failed$( ((skipped == 0)) || printf ', %s skipped' "$skipped")"
    rm -rf "$results"
    if ((failed > 0 && status == 0)); then status=1; fi
    exit "$status"
}

main "$@"
