#!/bin/sh
# Starts Virtuoso in the working folder. The first time: passwords, and an account that may write but manages nothing.
# DBA_PASSWORD and SPARQL_PASSWORD (letters, digits, - and _) come from the environment.
set -eu
ini=${VIRTUOSO_INI:-/etc/virtuoso/virtuoso.ini}
sql=${VIRTUOSO_SQL:-127.0.0.1:1111}
for each in "${DBA_PASSWORD:?is not set}" "${SPARQL_PASSWORD:?is not set}"; do
    case $each in *[!A-Za-z0-9_-]*) echo "start: passwords have letters, digits, - and _ only" >&2; exit 2 ;; esac
done
mkdir -p none
# Left by a machine that went away; nobody else is in this folder.
rm -f virtuoso.lck

ask() { isql-vt "$sql" dba "$DBA_PASSWORD" "exec=$1" 2>&1; }

if [ ! -e .prepared ]; then
    rm -f virtuoso*.db virtuoso*.trx virtuoso.pxa
    virtuoso-t +foreground +configfile "$ini" +pwdold dba +pwddba "$DBA_PASSWORD" +pwddav "$DBA_PASSWORD"
    virtuoso-t +foreground +configfile "$ini" &
    for _ in $(seq 120); do
        ask 'SELECT 1' | grep -q '1 Rows' && break
        sleep 0.5
    done
    ask "DB.DBA.USER_CREATE('sheaf', '$SPARQL_PASSWORD')" | grep -q Done
    ask 'GRANT SPARQL_UPDATE TO "sheaf"' | grep -q Done
    # "Does not have granted role" is as good.
    for role in SPARQL_UPDATE SPARQL_SPONGE SPARQL_LOAD_SERVICE_DATA; do
        ask "REVOKE $role FROM \"SPARQL\"" >/dev/null || true
    done
    ask checkpoint >/dev/null
    ask shutdown >/dev/null || true
    wait
    rm -f virtuoso.lck
    touch .prepared
fi
exec virtuoso-t +foreground +configfile "$ini"
