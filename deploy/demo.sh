#!/usr/bin/env bash
# The main job in one command: builds, starts the host (with its own PostgreSQL) and the stand-in CRM, sends sample events,
# shows what became of them, and stays up until Ctrl-C.
# shellcheck disable=SC2317 # run_... and end_everything are called by name
set -euo pipefail

# shellcheck source=deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
    cat <<'END'
deploy/demo.sh [--once] [--no-traffic]

  --once         ends everything once the sample events are done and checked; the exit status is 0 if all is as it should be
  --no-traffic   sends nothing
  --help         this text

Environment
  CRMGRAINS_URLS           where the host listens      http://127.0.0.1:8080
  CRMGRAINS_SANDBOX_URLS   where the stand-in CRM does http://127.0.0.1:8090
  CRMGRAINS_DATA           data, logs, demo.env        .crmgrains in the repository
  CRMGRAINS_WORKSPACES     the workspaces' files       deploy/workspaces in the repository
  CRMGRAINS_POSTGRES       a connection string         none: a private PostgreSQL in the data folder
END
}

readonly start_patience=120 host_patience=45 sandbox_patience=15

main() {
    read_arguments "$@"
    require_dotnet
    [[ -n ${CRMGRAINS_POSTGRES:-} ]] || require_postgres
    settle_settings
    publish "$CRMGRAINS_DATA/build.log" "$CRMGRAINS_DATA/bin" CrmGrains.Sandbox CrmGrains.Host
    make_secrets
    start_both
    run_traffic
    if ! $once; then stay_up; fi
    exit "$outcome"
}

read_arguments() {
    once=false traffic=true outcome=0
    local argument
    for argument in "$@"; do
        case "$argument" in
            --once) once=true ;;
            --no-traffic) traffic=false ;;
            --help | -h) usage && exit 0 ;;
            *) usage >&2 && fail "What is '$argument'?" ;;
        esac
    done
}

settle_settings() {
    export CRMGRAINS_URLS="${CRMGRAINS_URLS:-http://127.0.0.1:8080}"
    export CRMGRAINS_SANDBOX_URLS="${CRMGRAINS_SANDBOX_URLS:-http://127.0.0.1:8090}"
    export CRMGRAINS_DATA="${CRMGRAINS_DATA:-$root/.crmgrains}"
    export CRMGRAINS_WORKSPACES="${CRMGRAINS_WORKSPACES:-$root/deploy/workspaces}"
    export CRMGRAINS_ROLES=all
    local host_url sandbox_url
    host_url="$(client_url "$CRMGRAINS_URLS" CRMGRAINS_URLS)"
    sandbox_url="$(client_url "$CRMGRAINS_SANDBOX_URLS" CRMGRAINS_SANDBOX_URLS)"
    [[ $host_url != "$sandbox_url" ]] || fail "CRMGRAINS_URLS and CRMGRAINS_SANDBOX_URLS are the same: $host_url"

    take_data_folder "$CRMGRAINS_DATA"
    CRMGRAINS_DATA="$(cd "$CRMGRAINS_DATA" && pwd -P)"
    require_free_port "$CRMGRAINS_URLS" CRMGRAINS_URLS
    require_free_port "$CRMGRAINS_SANDBOX_URLS" CRMGRAINS_SANDBOX_URLS
    logs="$CRMGRAINS_DATA"
    share_settings "$CRMGRAINS_DATA/demo.env" "$host_url" "$sandbox_url"
    end_everything_at_exit
}

start_both() {
    say "Starting the stand-in CRM and the host ..."
    start_first sandbox
    start_first host
    wait_until_it_answers sandbox "$CRMGRAINS_SANDBOX_URL" /healthz "$start_patience"
    wait_until_it_answers host "$CRMGRAINS_URL" /healthz "$start_patience"
    wait_until_it_answers host "$CRMGRAINS_URL" /readyz "$start_patience"
    write_command
    say "Both are up: the host at $CRMGRAINS_URL (pid ${pid_of[host]}), the stand-in CRM at $CRMGRAINS_SANDBOX_URL (pid ${pid_of[sandbox]})." ""
}

run_sandbox() {
    alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Sandbox/crmgrains-sandbox.dll" \
        --urls "$CRMGRAINS_SANDBOX_URLS" --state "$CRMGRAINS_DATA/sandbox.json"
}

run_host() { alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll" serve; }

run_demo() { alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll" demo; }

# Each source of the demo workspace gets a secret of its own, in the form of its scheme; made once.
make_secrets() {
    local file="$CRMGRAINS_DATA/demo.env" workspace="$CRMGRAINS_WORKSPACES/demo.yaml" made
    [[ -f $workspace ]] || return 0
    made="$(dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll" workspace secrets "$workspace" --env "$file")" ||
        fail "The secrets of $workspace couldn't be made."
    if [[ -n $made ]]; then say "$made" >>"$file"; fi
    set -a
    # shellcheck source=/dev/null
    . "$file"
    set +a
}

# The command line with this demo's settings, as one short path.
write_command() {
    local command="$CRMGRAINS_DATA/crmgrains"
    {
        say '#!/usr/bin/env bash'
        printf 'export CRMGRAINS_DATA=%q CRMGRAINS_WORKSPACES=%q\n' "$CRMGRAINS_DATA" "$(realpath "$CRMGRAINS_WORKSPACES")"
        printf 'exec dotnet %q "$@"\n' "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll"
    } >"$command"
    chmod +x "$command"
}

run_traffic() {
    if ! $traffic; then return; fi
    start_shown demo
    keep_up demo || outcome=$?
    say ""
    if ((outcome != 0)); then complain "The sample events didn't end as they should (status $outcome). The host's log: $logs/host.log"; fi
}

stay_up() {
    show_where_to_look
    signals_mean "$outcome"
    keep_up
}

show_where_to_look() {
    cat <<END
Where to look
  host          $CRMGRAINS_URL   log: $logs/host.log
  stand-in CRM  $CRMGRAINS_SANDBOX_URL   log: $logs/sandbox.log
  addresses, API key and secrets for clients: $CRMGRAINS_DATA/demo.env

  '$CRMGRAINS_DATA/crmgrains' trace <event_id>
  '$CRMGRAINS_DATA/crmgrains' ledger verify
  (. '$CRMGRAINS_DATA/demo.env'; curl -s -H "Authorization: Bearer \$CRMGRAINS_API_KEY" '$CRMGRAINS_URL/v1/ledger?limit=5')
  curl -s $CRMGRAINS_URL/metrics
  curl -s $CRMGRAINS_SANDBOX_URL/sandbox/hubspot/contacts    (companies, deals, notes, tasks, associations, owners)
  curl -s $CRMGRAINS_SANDBOX_URL/sandbox/mails                (notices, webhooks; files: $CRMGRAINS_DATA/files)
  curl -s $CRMGRAINS_SANDBOX_URL/sandbox/stats
END
    local socket
    socket="$(socket_folder)"
    if [[ -n $socket ]]; then say "  psql -h '$socket' -U crmgrains crmgrains"; fi
    say "" "Ctrl-C ends everything."
}

# The private PostgreSQL says in the fifth line of its pid file where its socket is.
socket_folder() { sed -n 5p "$CRMGRAINS_DATA/postgres/postmaster.pid" 2>/dev/null || true; }

end_everything() {
    if is_running host || is_running sandbox; then say "" "Ending everything ..."; fi
    stop demo 5
    stop host "$host_patience"
    end_orphaned_postgres
    stop sandbox "$sandbox_patience"
}

# The host ends its PostgreSQL, unless it was killed just before us. The next host would take over; there may be none.
end_orphaned_postgres() {
    local folder="$CRMGRAINS_DATA/postgres" pid
    pid="$(sed -n 1p "$folder/postmaster.pid" 2>/dev/null)" || return 0
    if [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == *"postgres -D $folder "* ]]; then
        kill -INT "$pid"
        local deadline=$((SECONDS + host_patience))
        while kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.1; done
    fi
}

main "$@"
