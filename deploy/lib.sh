# shellcheck shell=bash
# What demo.sh, cluster.sh and tests/run.sh share: messages, what the machine must have, the build, settings, processes.
# Sourced under `set -euo pipefail`. bash 4.4 and coreutils are enough; curl is not needed.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

# Each argument is a line.
say() { printf '%s\n' "$@"; }

complain() { say "$@" >&2; }

fail() {
    complain "$@"
    exit 1
}

# ---- What the machine must have ------------------------------------------------------------------------------------------

require_dotnet() {
    command -v dotnet >/dev/null ||
        fail "The .NET 10 SDK is missing: there is no dotnet on PATH. Install it (https://dot.net/download), then run this again."
    # In the repository's folder, where global.json decides which SDK will do.
    local version
    version="$(cd "$root" && dotnet --version 2>/dev/null)" || version=""
    [[ $version == 10.* ]] ||
        fail "The .NET 10 SDK is missing; installed: $(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -sd ' ' -)." \
            "Install it (https://dot.net/download), then run this again."
}

readonly oldest_postgres=15

# Prints the folder with PostgreSQL's programs: on PATH, or the newest that Debian has installed. Nothing where there is none.
find_postgres() {
    local folder version
    while IFS= read -r folder; do
        [[ -x $folder/postgres && -x $folder/initdb ]] || continue
        version="$("$folder/postgres" --version 2>/dev/null)" || continue
        [[ $version =~ \(PostgreSQL\)\ ([0-9]+) ]] || continue
        ((BASH_REMATCH[1] >= oldest_postgres)) || continue
        printf '%s\n' "$folder"
        return
    done < <(tr ':' '\n' <<<"$PATH"; compgen -G '/usr/lib/postgresql/*/bin' | sort --version-sort --reverse)
}

require_postgres() {
    [[ -z $(find_postgres) ]] || return 0
    local install="apt-get update && apt-get install -y --no-install-recommends postgresql"
    may_install ||
        fail "PostgreSQL $oldest_postgres or newer is missing: no postgres and initdb on PATH or under /usr/lib/postgresql." \
            "Install it (Debian, Ubuntu, as root; elsewhere by that system's own package):" "" "    $install" ""
    install_packages postgresql
    [[ -n $(find_postgres) ]] || fail "The system's package is older than PostgreSQL $oldest_postgres, which is needed. Install a newer one."
}

may_install() { ((EUID == 0)) && command -v apt-get >/dev/null; }

# Installs programs, not services: nothing is started, neither now nor at the next boot, and what kept it so is taken away again.
install_packages() {
    local log
    log="$(mktemp)"
    say "Installing $* ..."
    if ! (hold_services_back && trap 'let_services_go "$@"' EXIT && apt_get update && apt_get install -y --no-install-recommends "$@") >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get can't install $*. See above; or install it yourself, then run this again."
    fi
    rm -f "$log"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@"; }

readonly policy=/usr/sbin/policy-rc.d no_cluster=/etc/postgresql-common/createcluster.d/crmgrains.conf

hold_services_back() {
    holds_policy=false
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        holds_policy=true
    fi
    mkdir -p "${no_cluster%/*}"
    say "create_main_cluster = false" >"$no_cluster"
}

let_services_go() {
    rm -f "$no_cluster"
    rmdir --ignore-fail-on-non-empty "${no_cluster%/*}"
    if $holds_policy; then rm -f "$policy"; fi
    if command -v systemctl >/dev/null; then systemctl disable "$@" || true; fi
}

# ---- The build ------------------------------------------------------------------------------------------------------------

# Publishes projects of src/ into folders of their own, so that a later build doesn't pull the files from under running programs.
# publish LOG FOLDER PROJECT...
publish() {
    local log="$1" folder="$2" project began=$SECONDS
    shift 2
    lock_build
    : >"$log"
    for project in "$@"; do
        say "Building $project (Release) ..."
        # No build server may stay behind.
        if ! in_background dotnet publish "$root/src/$project" -c Release -o "$folder/$project" --disable-build-servers -v quiet >>"$log" 2>&1; then
            tail -n 60 "$log" >&2
            fail "The build of $project failed; its whole output is in $log."
        fi
    done
    unlock_build
    say "Built in $((SECONDS - began)) s."
}

# Two builds of one tree at once would trip over each other's files.
lock_build() {
    mkdir -p "$root/artifacts"
    exec {build_lock}>"$root/artifacts/build.lock"
    flock --nonblock "$build_lock" && return
    say "Waiting for another build of this tree ..."
    flock "$build_lock"
}

unlock_build() { exec {build_lock}>&-; }

# ---- Addresses and settings -----------------------------------------------------------------------------------------------

# Splits "http://host:port", the first of several, into the variables host and port; a wildcard is reached by loopback.
# split_url URL VARIABLE
split_url() {
    local url="${1%%;*}"
    if ! [[ $url =~ ^http://(\[[0-9a-fA-F:]+\]|[^/:]+):([0-9]{1,5})/?$ ]] || ((BASH_REMATCH[2] == 0)); then
        fail "$2 is '$1', but must be like http://127.0.0.1:8080, with a port."
    fi
    host="${BASH_REMATCH[1]}" port="${BASH_REMATCH[2]}"
    case "$host" in
        '*' | '+' | 0.0.0.0) host=127.0.0.1 ;;
        '[::]') host='[::1]' ;;
    esac
}

# Where clients of this machine reach what listens there. client_url URL VARIABLE
client_url() {
    local host port
    split_url "$1" "$2"
    say "http://$host:$port"
}

# Fails, naming the variable to set, where another program listens already. require_free_port URL VARIABLE
require_free_port() {
    local host port
    split_url "$1" "$2"
    if (exec {socket}<>"/dev/tcp/${host//[][]/}/$port") 2>/dev/null; then
        fail "Port $port of $host is in use by another program. Set $2 to another address, for example http://127.0.0.1:$(((port + 1000) % 65536))."
    fi
}

# Prints the status of a GET, or nothing where nobody answers. http_status URL PATH
http_status() {
    local host port line socket
    split_url "$1" URL
    (
        exec {socket}<>"/dev/tcp/${host//[][]/}/$port"
        printf 'GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n' "$2" "$host" "$port" >&"$socket"
        IFS=' ' read -r -t 5 -u "$socket" _ line _ && say "$line"
    ) 2>/dev/null || true
}

# Prints a value of a file with one NAME=value a line. setting FILE NAME
setting() { [[ ! -f $1 ]] || sed -n "s/^$2=//p" "$1" | tail -n 1; }

# A secret is what the environment says, else what was made before, else new. kept_or_new FILE NAME PREFIX ENCODER
kept_or_new() {
    local value="${!2:-}"
    [[ -n $value ]] || value="$(setting "$1" "$2")"
    [[ -n $value ]] || value="$3$(head -c 32 /dev/urandom | "$4")"
    printf '%s' "$value"
}

as_hex() { od -An -v -tx1 | tr -d ' \n'; }

as_base64() { base64 | tr -d '\n'; }

# Exports what host, sandbox and clients need, and writes it into a file that only this user reads.
# share_settings FILE HOST_URL SANDBOX_URL
share_settings() {
    local file="$1" name
    CRMGRAINS_URL="$2"
    CRMGRAINS_SANDBOX_URL="$3"
    CRMGRAINS_API_KEY="$(kept_or_new "$file" CRMGRAINS_API_KEY cg_ as_hex)"
    DIAGNOSTIC_SECRET="$(kept_or_new "$file" DIAGNOSTIC_SECRET whsec_ as_base64)"
    GENERIC_SECRET="$(kept_or_new "$file" GENERIC_SECRET "" as_hex)"
    STRIPE_SECRET="$(kept_or_new "$file" STRIPE_SECRET whsec_ as_hex)"
    PARTNER_SECRET="$(kept_or_new "$file" PARTNER_SECRET whsec_ as_base64)"
    HUBSPOT_URL="$CRMGRAINS_SANDBOX_URL"
    HUBSPOT_TOKEN="${HUBSPOT_TOKEN:-sandbox}"
    export HUBSPOT_URL HUBSPOT_TOKEN
    lead_channels_to_the_sandbox
    (
        umask 077
        for name in CRMGRAINS_URL CRMGRAINS_SANDBOX_URL CRMGRAINS_API_KEY DIAGNOSTIC_SECRET GENERIC_SECRET STRIPE_SECRET PARTNER_SECRET; do
            say "$name=${!name}"
        done >"$file.new"
        # Secrets of the other sources stay as they were made.
        if [[ -f $file ]]; then
            grep -vE '^(CRMGRAINS_(URL|SANDBOX_URL|API_KEY)|(DIAGNOSTIC|GENERIC|STRIPE|PARTNER)_SECRET)=' "$file" >>"$file.new" || true
        fi
    )
    mv "$file.new" "$file"
    export CRMGRAINS_URL CRMGRAINS_SANDBOX_URL CRMGRAINS_API_KEY DIAGNOSTIC_SECRET GENERIC_SECRET STRIPE_SECRET PARTNER_SECRET
}

# The channels of the demo workspace end in the sandbox, which is at a private address, and in a folder beside the data. The stand-in mail
# server's port is as far from the sandbox's as 8025 is from 8090.
lead_channels_to_the_sandbox() {
    local port="${CRMGRAINS_SANDBOX_URL##*:}"
    CRMGRAINS_SANDBOX_SMTPPORT="${CRMGRAINS_SANDBOX_SMTPPORT:-$((${port%/} - 65))}"
    CRMGRAINS_SANDBOX_WEBHOOKSECRET="$PARTNER_SECRET"
    MAIL_URL="smtp://127.0.0.1:$CRMGRAINS_SANDBOX_SMTPPORT"
    TEAM_URL="$CRMGRAINS_SANDBOX_URL/services/team"
    PARTNER_URL="$CRMGRAINS_SANDBOX_URL/webhooks/partner"
    CRMGRAINS__Channels__AllowPrivate=true
    CRMGRAINS__Channels__FileRoot="$CRMGRAINS_DATA/files"
    export CRMGRAINS_SANDBOX_SMTPPORT CRMGRAINS_SANDBOX_WEBHOOKSECRET MAIL_URL TEAM_URL PARTNER_URL
    export CRMGRAINS__Channels__AllowPrivate CRMGRAINS__Channels__FileRoot
}

# Makes the data folder and takes it: one script at a time writes its settings and logs. take_data_folder FOLDER
take_data_folder() {
    mkdir -p "$1" 2>/dev/null || true
    [[ -d $1 && -w $1 ]] || fail "The folder $1 can't be written. Set CRMGRAINS_DATA to another one."
    exec {data_lock}>"$1/script.lock"
    # A moment, for the last breath of a run that was killed.
    flock --wait 3 "$data_lock" || fail "The data folder $1 is in use by another run. Set CRMGRAINS_DATA to a folder of its own for this one."
}

# ---- Processes ------------------------------------------------------------------------------------------------------------
#
# A process is a name and a function run_NAME (with _ for -) that ends in `alone PROGRAM ...`. It is started, watched, started
# again when it dies, and ended, always by the pid that we started. Its output goes to $logs/NAME.log.

declare -A pid_of=() began_at=() deaths_of=() due_at=()
started=()
logs=""

readonly max_restarts=10 long_enough=60

# Replaces this (sub)shell by a program that a Ctrl-C in the terminal doesn't reach, and that is asked to end when we are killed.
# The kernel forgets that wish when a process changes its user, so one setpriv does both: a run_... may set run_as and end_signal.
alone() { exec setsid setpriv "${run_as[@]}" --pdeathsig "$end_signal" "$@"; }

run_as=() end_signal=TERM

# Runs a program to its end, but lets signals through to us at once, which a program in the foreground would hold up.
in_background() {
    alone "$@" &
    step=$!
    local status=0
    wait "$step" || status=$?
    step=""
    return "$status"
}

step=""

start() {
    local name="$1"
    "run_${name//-/_}" >>"$logs/$name.log" 2>&1 {data_lock}>&- </dev/null &
    pid_of[$name]=$!
    began_at[$name]=$SECONDS
    disown "$!"  # or bash reports a killed process in its own words
}

# Starts something new, with a log of its own; the last run's is kept beside it.
start_first() {
    local name="$1"
    [[ ! -e $logs/$name.log ]] || mv "$logs/$name.log" "$logs/$name.log.1"
    started+=("$name")
    start "$name"
}

# Starts something that ends by itself and speaks to the terminal.
start_shown() {
    "run_${1//-/_}" {data_lock}>&- </dev/null &
    pid_of[$1]=$!
}

is_running() { [[ -n ${pid_of[$1]:-} ]] && kill -0 "${pid_of[$1]}" 2>/dev/null; }

# Waits until a process answers 200. wait_until_it_answers NAME URL PATH SECONDS
wait_until_it_answers() {
    local name="$1" deadline=$((SECONDS + $4))
    until [[ $(http_status "$2" "$3") == 200 ]]; do
        is_running "$name" || give_up "$name" "ended at once."
        ((SECONDS < deadline)) || give_up "$name" "didn't answer at $2$3 within $4 s."
        sleep 0.2
    done
}

give_up() {
    complain "" "$1 $2 The end of $logs/$1.log:"
    tail -n 30 "$logs/$1.log" >&2
    exit 1
}

# Keeps everything that was started up until the named process ends by itself, and returns its status; without a name, for good.
keep_up() {
    local name awaited="${1:-}" status=0
    while true; do
        if [[ -n $awaited ]] && ! is_running "$awaited"; then
            wait "${pid_of[$awaited]}" || status=$?
            unset "pid_of[$awaited]"
            return "$status"
        fi
        for name in "${started[@]}"; do
            is_running "$name" || revive "$name"
        done
        sleep 0.5
    done
}

# Notes a death and when to start again: after 1 s, 2 s, and so on. One that stayed up for a minute starts counting anew.
revive() {
    local name="$1"
    if [[ -n ${pid_of[$name]:-} ]]; then
        unset "pid_of[$name]"
        ((SECONDS - began_at[$name] < long_enough)) || deaths_of[$name]=0
        deaths_of[$name]=$((${deaths_of[$name]:-0} + 1))
        ((deaths_of[$name] <= max_restarts)) || give_up "$name" "died again and again."
        due_at[$name]=$((SECONDS + deaths_of[$name]))
        say "$name ended unexpectedly; starting it again in ${deaths_of[$name]} s. Its log: $logs/$name.log"
    elif ((SECONDS >= due_at[$name])); then
        start "$name"
        say "$name is started again (pid ${pid_of[$name]})."
    fi
}

# Asks a process to end, waits, and ends it by force when its time is over. stop NAME SECONDS
stop() {
    local name="$1" deadline=$((SECONDS + $2))
    is_running "$name" || return 0
    kill -TERM "${pid_of[$name]}" 2>/dev/null || true
    while is_running "$name"; do
        if ((SECONDS >= deadline)); then
            complain "$name didn't end within $2 s; ending it by force."
            kill -KILL "${pid_of[$name]}" 2>/dev/null || true
            deadline=$((SECONDS + 5))
        fi
        sleep 0.1
    done
    unset "pid_of[$name]"
}

# Ends a build or a test run with all that it started: it has a process group of its own.
stop_step() {
    [[ -n $step ]] || return 0
    kill -TERM -- "-$step" 2>/dev/null || kill -TERM "$step" 2>/dev/null || true
    wait "$step" 2>/dev/null || true
}

# Calls end_everything however the script ends. Before all is up a signal is a failure, afterwards the way to end it.
end_everything_at_exit() {
    trap 'at_exit $?' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# From now on a signal ends the script with this status. signals_mean STATUS
# shellcheck disable=SC2064 # the status of now
signals_mean() { trap "exit $1" INT TERM HUP; }

at_exit() {
    trap '' INT TERM HUP
    stop_step
    end_everything
    exit "$1"
}
