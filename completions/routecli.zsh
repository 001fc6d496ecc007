#compdef routecli
# Completion of routecli for zsh. Made by `python -m routecli.cli.generate`; a test compares.

_routecli() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--version)--version[Show the version and the day of its prices]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((run\:"Do a coding task with the cheapest model that can, verified by your tests" again\:"Do a past run'\''s task again, one tier above the last that it tried" apply\:"Apply a model'\''s reply or a saved patch, checked and all or nothing" undo\:"Take back what a run or `apply` wrote, whole or not at all" redo\:"Make again what `undo` took back, whole or not at all" hook\:"Judge what is staged before each commit, beside the hooks that are there" demo\:"See it work\: a throw-away repository, recorded replies, no key" ask\:"Answer a question about files, with places in them that were looked up" review\:"Review a change\: findings with file, line and severity, each at a line that was looked up" estimate\:"Say which tier a task would go to, why, and what it may cost" checks\:"Show the tests and linters that verify a patch here, or run them on the code as it is" show\:"Show a run again\: its receipt and its patch" last\:"Show the last run\: its receipt and its patch" history\:"List past runs\: what each did and what it cost" stats\:"Say what all runs came to\: verified, climbed, tokens, cost, saved" export\:"Hand the ledger'\''s figures to other programs" serve-metrics\:"Serve the ledger'\''s figures to Prometheus, on loopback" receipt\:"Print a run'\''s receipt\: text, JSON, or Markdown for a pull request" budget\:"Show the caps on money and what is left of each; set them" feedback\:"Say what became of a patch\: routing learns from it" forget\:"Take the texts of past runs out of the ledger; keep their money" ledger\:"Say where the ledger is, check it, prune it, move it to a server" alerts\:"Say what speaks against the rules or the line-up of models" eval\:"Try the tiers on tasks with a known answer, and say what follows" models\:"Show the ladder of models with today'\''s prices, or review it" simulate\:"Say what routing would cost\: mixes, recorded outcomes, past runs" config\:"Write, show and check the configuration" doctor\:"Look at everything that a run needs, and say how to mend what is missing" alias\:"Print or install a short name for the shell, and a prompt'\''s segment" trust\:"Say which commands of a repository'\''s own configuration may run" completion\:"Print the completion script of a shell"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        run) _routecli_run ;;
        again) _routecli_again ;;
        apply) _routecli_apply ;;
        undo) _routecli_undo ;;
        redo) _routecli_redo ;;
        hook) _routecli_hook ;;
        demo) _routecli_demo ;;
        ask) _routecli_ask ;;
        review) _routecli_review ;;
        estimate) _routecli_estimate ;;
        checks) _routecli_checks ;;
        show) _routecli_show ;;
        last) _routecli_last ;;
        history) _routecli_history ;;
        stats) _routecli_stats ;;
        export) _routecli_export ;;
        serve-metrics) _routecli_serve_metrics ;;
        receipt) _routecli_receipt ;;
        budget) _routecli_budget ;;
        feedback) _routecli_feedback ;;
        forget) _routecli_forget ;;
        ledger) _routecli_ledger ;;
        alerts) _routecli_alerts ;;
        eval) _routecli_eval ;;
        models) _routecli_models ;;
        simulate) _routecli_simulate ;;
        config) _routecli_config ;;
        doctor) _routecli_doctor ;;
        alias) _routecli_alias ;;
        trust) _routecli_trust ;;
        completion) _routecli_completion ;;
    esac
}

_routecli_run() {
    _arguments -s -S \
        '(--task-file)--task-file[Read the task from this file]:value:_files' \
        '(--words)--words[TASK and PATHS in loose words\: those that name a file are its paths]' \
        '(--tier)--tier[Start at this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--max-tier)--max-tier[Climb no higher than this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--attempts)--attempts[The most attempts, all tiers together]:value:()' \
        '(--budget)--budget[The most that this run may cost; 5 if not set]:value:()' \
        '(--kind)--kind[The kind of the task, if its words mislead]:value:(fix feature refactor rename docstring types tests format lint imports boilerplate docs dependency dead-code performance security architecture other)' \
        '(--policy)--policy[How the ladder is chosen\: auto, thresholds, cascade …]:value:(auto thresholds hint class static cascade expected-cost)' \
        '(--hint)--hint[The tier that the policy `hint` starts at; `planning`\: the deep tier]:value:()' \
        '(--lane)--lane[Who is asked first\: auto, tools, local, background, real-time]:value:()' \
        '(--test-cmd)--test-cmd[The test command, instead of what is found]:value:()' \
        '(--lint-cmd)--lint-cmd[The lint command, instead of what is found]:value:()' \
        '(--accept)--accept[A command that must fail before the patch and pass after it]:value:()' \
        '(--bench)--bench[A command that must be faster with the patch and say the same (kind `performance`)]:value:()' \
        '(--watch)--watch[Run CMD after each change; where it fails, propose a patch]:value:()' \
        '(--no-tests)--no-tests[Run no tests]' \
        '(--no-lint)--no-lint[Run no linters]' \
        '(--reproduce)--reproduce[Have a test of a fix written first\: auto, always or off]:value:()' \
        '(--require)--require[Accept nothing that rests on less\: weak, tested or proven]:value:()' \
        '(--no-probe)--no-probe[Do not call changed functions again to compare before and after]' \
        '(--suite)--suite[Which tests judge a patch\: whole, or affected by it alone]:value:()' \
        '(--with-test)--with-test[Keep such a test\: deliver it with the fix]' \
        '(--second-opinion --no-second-opinion)--second-opinion[Have each passing patch doubted by a cheap model of another family, or none; `auto` if not set]' \
        '(--second-opinion --no-second-opinion)--no-second-opinion[Have each passing patch doubted by a cheap model of another family, or none; `auto` if not set]' \
        '(--timeout)--timeout[The longest that tests or a linter may take]:value:()' \
        '(--dry-run)--dry-run[Do everything up to the first call, then stop]' \
        '(--explain)--explain[Say first, in figures, why this tier and this way of editing, and what would change it]' \
        '(--debug)--debug[Keep a trace of the run\: prompts, replies, events; no key]' \
        '(--patch-only)--patch-only[The verified patch on stdout, nothing written]' \
        '(--commit)--commit[Make one commit of only these files]' \
        '(--yes -y)--yes[Write it even if nothing verified it, and to protected files]' \
        '(--yes -y)-y[Write it even if nothing verified it, and to protected files]' \
        '(--allow-unpriced)--allow-unpriced[Send calls whose price is unknown]' \
        '(--unsafe-no-sandbox)--unsafe-no-sandbox[Where no isolation can be had, run the tests with your own rights]' \
        '(--output)--output[text, json (the receipt) or jsonl (the events)]:value:(text json jsonl)' \
        '(--json)--json[The same as --output json]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_again() {
    _arguments -s -S \
        '(--tier)--tier[Start at this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--budget)--budget[The most that this run may cost; 5 if not set]:value:()' \
        '(--patch-only)--patch-only[The verified patch on stdout, nothing written]' \
        '(--yes -y)--yes[Write it even if nothing verified it, and to protected files]' \
        '(--yes -y)-y[Write it even if nothing verified it, and to protected files]' \
        '(--json)--json[The receipt as JSON]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:{compadd -- last ${(f)"$(routecli history --ids 2>/dev/null)"}}'
}

_routecli_apply() {
    _arguments -s -S \
        '(--run)--run[The patch that a run saved\: its id, or `last`]:value:()' \
        '(--check)--check[Write nothing; the exit status says if it fits]' \
        '(--verify)--verify[Run the project'\''s tests and linters on it first]' \
        '(--reverse)--reverse[Take a patch back instead]' \
        '(--yes -y)--yes[Do not ask; also for protected files]' \
        '(--yes -y)-y[Do not ask; also for protected files]' \
        '(--json)--json[Each edit and how its place was found, as JSON]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_undo() {
    _arguments -s -S \
        '(--list -l)--list[List the last 20 deliveries here instead]' \
        '(--list -l)-l[List the last 20 deliveries here instead]' \
        '(--patch)--patch[Write nothing\: print what it would change]' \
        '(--yes -y)--yes[Do not ask]' \
        '(--yes -y)-y[Do not ask]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_redo() {
    _arguments -s -S \
        '(--patch)--patch[Write nothing\: print what it would change]' \
        '(--yes -y)--yes[Do not ask]' \
        '(--yes -y)-y[Do not ask]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_hook() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((install\:"Install it\: pre-commit if none is named" uninstall\:"Take it away, all of ours if none is named; a hook that was there before is put back" run\:"Judge what is staged now, as the hook does" status\:"Say which hooks are there, whose they are, and what they do"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        install) _routecli_hook_install ;;
        uninstall) _routecli_hook_uninstall ;;
        run) _routecli_hook_run ;;
        status) _routecli_hook_status ;;
    esac
}

_routecli_hook_install() {
    _arguments -s -S \
        '(--shared)--shared[Also into a folder that others use too (core.hooksPath)]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:(pre-commit pre-merge-commit prepare-commit-msg pre-push)'
}

_routecli_hook_uninstall() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:(pre-commit pre-merge-commit prepare-commit-msg pre-push)'
}

_routecli_hook_run() {
    _arguments -s -S \
        '(--fix)--fix[Instead of hook.fix\: off, offer or stage]:value:(off offer stage)' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:(pre-commit pre-merge-commit prepare-commit-msg pre-push)'
}

_routecli_hook_status() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_demo() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_ask() {
    _arguments -s -S \
        '(--question-file)--question-file[Read the question from this file]:value:_files' \
        '(--words)--words[TASK and PATHS in loose words\: those that name a file are its paths]' \
        '(--tier)--tier[Start at this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--max-tier)--max-tier[Climb no higher than this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--budget)--budget[The most that this run may cost; 5 if not set]:value:()' \
        '(--policy)--policy[How the ladder is chosen\: auto, thresholds, cascade …]:value:(auto thresholds hint class static cascade expected-cost)' \
        '(--hint)--hint[The tier that the policy `hint` starts at; `planning`\: the deep tier]:value:()' \
        '(--dry-run)--dry-run[Say what would be sent to whom and what it may cost, then stop]' \
        '(--allow-unpriced)--allow-unpriced[Send calls whose price is unknown]' \
        '(--json)--json[The receipt as JSON, the answer in `answer`]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_review() {
    _arguments -s -S \
        '(--tier)--tier[Start at this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--max-tier)--max-tier[Climb no higher than this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--budget)--budget[The most that this run may cost; 5 if not set]:value:()' \
        '(--policy)--policy[How the ladder is chosen\: auto, thresholds, cascade …]:value:(auto thresholds hint class static cascade expected-cost)' \
        '(--hint)--hint[The tier that the policy `hint` starts at; `planning`\: the deep tier]:value:()' \
        '(--format)--format[text, json (the receipt, findings in `answer`) or sarif (2.1.0)]:value:(text json sarif)' \
        '(--fail-on)--fail-on[Exit status 1 for findings of at least this weight]:value:(note warning error)' \
        '(--dry-run)--dry-run[Say what would be sent to whom and what it may cost, then stop]' \
        '(--allow-unpriced)--allow-unpriced[Send calls whose price is unknown]' \
        '(--json)--json[The same as --format json]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_estimate() {
    _arguments -s -S \
        '(--task-file)--task-file[Read the task from this file]:value:_files' \
        '(--tier)--tier[Start at this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--max-tier)--max-tier[Climb no higher than this tier]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--kind)--kind[The kind of the task, if its words mislead]:value:(fix feature refactor rename docstring types tests format lint imports boilerplate docs dependency dead-code performance security architecture other)' \
        '(--policy)--policy[How the ladder is chosen\: auto, thresholds, cascade …]:value:(auto thresholds hint class static cascade expected-cost)' \
        '(--hint)--hint[The tier that the policy `hint` starts at; `planning`\: the deep tier]:value:()' \
        '(--lane)--lane[Who is asked first\: auto, tools, local, background, real-time]:value:()' \
        '(--budget)--budget[The most that this run may cost; 5 if not set]:value:()' \
        '(--show-context)--show-context[Print what the first call would send, word for word, and what not]' \
        '(--explain)--explain[Say first, in figures, why this tier and this way of editing, and what would change it]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_checks() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((show\:"Show what would be run for these files, which file says so, and how it went last" run\:"Run the tests and linters on the code as it is, in the sandbox, as a run does before its patch" adopt\:"Make a proposed command the test or lint command of this repository"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        show) _routecli_checks_show ;;
        run) _routecli_checks_run ;;
        adopt) _routecli_checks_adopt ;;
    esac
}

_routecli_checks_show() {
    _arguments -s -S \
        '(--test-cmd)--test-cmd[The test command, instead of what is found]:value:()' \
        '(--lint-cmd)--lint-cmd[The lint command, instead of what is found]:value:()' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_checks_run() {
    _arguments -s -S \
        '(--test-cmd)--test-cmd[The test command, instead of what is found]:value:()' \
        '(--lint-cmd)--lint-cmd[The lint command, instead of what is found]:value:()' \
        '(--no-tests)--no-tests[Run no tests]' \
        '(--no-lint)--no-lint[Run no linters]' \
        '(--timeout)--timeout[The longest that tests or a linter may take]:value:()' \
        '(--fresh)--fresh[Run them even if these very files were tested before]' \
        '(--unsafe-no-sandbox)--unsafe-no-sandbox[Where no isolation can be had, run the tests with your own rights]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_checks_adopt() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_show() {
    _arguments -s -S \
        '(--patch)--patch[Only the patch, as a unified diff]' \
        '(--reprice)--reprice[Price its calls again\: today'\''s list, your own prices]' \
        '(--prompts)--prompts[What was asked and answered, where `keep = true` kept it]' \
        '(--explain)--explain[What `run --explain` said of it, in figures]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:{compadd -- last ${(f)"$(routecli history --ids 2>/dev/null)"}}'
}

_routecli_last() {
    _arguments -s -S \
        '(--patch)--patch[Only the patch, as a unified diff]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_history() {
    _arguments -s -S \
        '(--limit -n)--limit[At most N]:value:()' \
        '(--limit -n)-n[At most N]:value:()' \
        '(--here)--here[Only runs of the repository around this folder]' \
        '(--ids)--ids[Only the ids, a line each\: what completion asks for]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_stats() {
    _arguments -s -S \
        '(--days)--days[How far back]:value:()' \
        '(--by)--by[One table\: by day, tier, kind, repository, model or user]:value:(day tier kind repository model user)' \
        '(--here)--here[Only runs of the repository around this folder]' \
        '(--html)--html[Write a report with charts into one HTML file]:value:_files' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_export() {
    _arguments -s -S \
        '(--format)--format[The form; see below]:value:(csv jsonl prometheus statsd otlp sft)' \
        '(--days)--days[How far back; else everything]:value:()' \
        '(--here)--here[Only runs of the repository around this folder]' \
        '(--out)--out[Into a file, replaced as a whole; else stdout]:value:_files' \
        '(--to)--to[Where to send\: HOST\:PORT for statsd, a URL for otlp]:value:()' \
        '(--min-strength)--min-strength[For sft\: the least that a line rests on; else tested]:value:(weak tested proven)' \
        '(--bare)--bare[For sft\: only the messages, for services that take no other key]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_serve_metrics() {
    _arguments -s -S \
        '(--port)--port[0\: any that is free]:value:()' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_receipt() {
    _arguments -s -S \
        '(--markdown)--markdown[As Markdown, for a pull request]' \
        '(--reprice)--reprice[Price its calls again\: today'\''s list, your own prices]' \
        '(--json)--json[The receipt as JSON (docs/receipt.schema.json)]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:{compadd -- last ${(f)"$(routecli history --ids 2>/dev/null)"}}'
}

_routecli_budget() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((show\:"Show the caps on money, what counts against each, what is left" set\:"Set a cap in your own configuration; everything else in the file stays"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        show) _routecli_budget_show ;;
        set) _routecli_budget_set ;;
    esac
}

_routecli_budget_show() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_budget_set() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_feedback() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:{compadd -- last ${(f)"$(routecli history --ids 2>/dev/null)"}}'
}

_routecli_forget() {
    _arguments -s -S \
        '(--all)--all[Every run, and what crashes left]' \
        '(--before)--before[Runs before this day (UTC)]:value:()' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_ledger() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((path\:"Print where the ledger is\: its file, or its server'\''s address" check\:"Check that the ledger is whole and adds up" prune\:"Turn old runs into sums by day\: money and outcomes stay, the runs go" migrate\:"Take the runs of a ledger'\''s file into the ledger that is configured now"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        path) _routecli_ledger_path ;;
        check) _routecli_ledger_check ;;
        prune) _routecli_ledger_prune ;;
        migrate) _routecli_ledger_migrate ;;
    esac
}

_routecli_ledger_path() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_ledger_check() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_ledger_prune() {
    _arguments -s -S \
        '(--older)--older[Older than so many days]:value:()' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_ledger_migrate() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_alerts() {
    _arguments -s -S \
        '(--days)--days[How far back]:value:()' \
        '(--check)--check[For cron\: exit status 1 where there is one]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_eval() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((make\:"Make tasks of what was done in this repository\: commits that change code and its tests, or your runs" run\:"Try each tier alone on each task, in a copy of the repository as it was then" show\:"Show how often each tier solved the suite, with 95 % intervals, and what it cost" advise\:"Say whether the first tier has earned more work or lost it, as a diff of your configuration"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        make) _routecli_eval_make ;;
        run) _routecli_eval_run ;;
        show) _routecli_eval_show ;;
        advise) _routecli_eval_advise ;;
    esac
}

_routecli_eval_make() {
    _arguments -s -S \
        '(--from)--from[git\: commits with tests]:value:(git runs)' \
        '(--limit -n)--limit[At most N tasks]:value:()' \
        '(--limit -n)-n[At most N tasks]:value:()' \
        '(--no-check)--no-check[Write tasks untried\: their tests may pass before, or not after]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_eval_run() {
    _arguments -s -S \
        '(--tier)--tier[A tier to try; may be repeated]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--budget)--budget[The most that all tries together may cost]:value:()' \
        '(--jobs -j)--jobs[Tries at once]:value:()' \
        '(--jobs -j)-j[Tries at once]:value:()' \
        '(--limit -n)--limit[The first N tasks]:value:()' \
        '(--limit -n)-n[The first N tasks]:value:()' \
        '(--unsafe-no-sandbox)--unsafe-no-sandbox[Where no isolation can be had, run the tests all the same]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_eval_show() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_eval_advise() {
    _arguments -s -S \
        '(--tier)--tier[Of this tier\: the kinds of task that it should take]:value:{compadd -- ${(f)"$(routecli models show --names 2>/dev/null)"}}' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_models() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((review\:"Look at the line-up again\: new, retired and repriced models, and what your evaluations and runs say of each" show\:"Show the ladder of models with today'\''s prices"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        review) _routecli_models_review ;;
        show) _routecli_models_show ;;
    esac
}

_routecli_models_review() {
    _arguments -s -S \
        '(--suite)--suite[A suite whose results count; may be repeated]:value:_files' \
        '(--outcomes)--outcomes[Recorded outcomes (CSV) to replay the line-up on]:value:_files' \
        '(--apply)--apply[Write the diff into your configuration, after showing it]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_models_show() {
    _arguments -s -S \
        '(--refresh)--refresh[Fetch a newer price list first, and say what it changes]' \
        '(--names)--names[Only the tiers'\'' names, a line each\: what completion asks for]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_simulate() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((plan\:"Work out what a mix of tiers costs beside all of it at the top tier" replay\:"Try a policy on recorded outcomes, beside every single tier, a random mix at equal spend, and the oracle" whatif\:"Say what your own past runs would be expected to cost under another configuration (--config, --profile)"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        plan) _routecli_simulate_plan ;;
        replay) _routecli_simulate_replay ;;
        whatif) _routecli_simulate_whatif ;;
    esac
}

_routecli_simulate_plan() {
    _arguments -s -S \
        '(--list)--list[The names of the plans, one a line]' \
        '(--file)--file[Plans of your own, as TOML]:value:_files' \
        '(--mix)--mix[Your own ladder\: each tier'\''s share]:value:()' \
        '(--tasks)--tasks[With --mix\: how many tasks a month]:value:()' \
        '(--input)--input[With --mix\: tokens in, a task]:value:()' \
        '(--output)--output[With --mix\: tokens out, a task]:value:()' \
        '(--right)--right[How often each row is right\: then failures climb]:value:()' \
        '(--draws)--draws[With --right\: how many tasks are drawn]:value:()' \
        '(--json)--json[One JSON document on stdout]' \
        '(--svg)--svg[Draw the screen into an SVG file as well]:value:_files' \
        '(--html)--html[Draw the screen into an HTML file as well]:value:_files' \
        '(--csv)--csv[Write the figures into a CSV as well]:value:_files' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:()'
}

_routecli_simulate_replay() {
    _arguments -s -S \
        '(--outcomes)--outcomes[Recorded outcomes\: a CSV]:value:_files' \
        '(--policy)--policy[expected-cost (tuned on one half, scored on the other), or cascade]:value:()' \
        '(--tiers)--tiers[The ladder, cheapest first, with commas; else chosen]:value:()' \
        '(--top)--top[The top tier; else the best of the tuned half]:value:()' \
        '(--detection -d)--detection[The share of wrong patches refused]:value:()' \
        '(--detection -d)-d[The share of wrong patches refused]:value:()' \
        '(--false-alarm)--false-alarm[The share of right patches refused]:value:()' \
        '(--tolerance)--tolerance[How much quality may be lost]:value:()' \
        '(--dataset)--dataset[Which set of the file; else the largest]:value:()' \
        '(--d-curve)--d-curve[The same for each detection rate from 0.2 to 1]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--svg)--svg[Draw the screen into an SVG file as well]:value:_files' \
        '(--html)--html[Draw the screen into an HTML file as well]:value:_files' \
        '(--csv)--csv[Write the figures into a CSV as well]:value:_files' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_simulate_whatif() {
    _arguments -s -S \
        '(--days)--days[How far back]:value:()' \
        '(--policy)--policy[Another policy]:value:(auto thresholds hint class static cascade expected-cost)' \
        '(--json)--json[One JSON document on stdout]' \
        '(--svg)--svg[Draw the screen into an SVG file as well]:value:_files' \
        '(--html)--html[Draw the screen into an HTML file as well]:value:_files' \
        '(--csv)--csv[Write the figures into a CSV as well]:value:_files' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_config() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((init\:"Write a first configuration of your own, with every choice as a comment" import\:"Carry a LiteLLM configuration over\: model groups become tiers, fallbacks their order" show\:"Show each value of the configuration and where it came from" path\:"Show where your own configuration is, or would be" check\:"Check the key of each provider of the ladder, and whether it answers"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        init) _routecli_config_init ;;
        import) _routecli_config_import ;;
        show) _routecli_config_show ;;
        path) _routecli_config_path ;;
        check) _routecli_config_check ;;
    esac
}

_routecli_config_init() {
    _arguments -s -S \
        '(--preset)--preset[The line-up to start from]:value:(anthropic deepseek-anthropic five-tiers local-first openai openrouter)' \
        '(--force)--force[Replace a file that is there]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_config_import() {
    _arguments -s -S \
        '(--print)--print[Print it; write nothing]' \
        '(--force)--force[Replace a configuration that is there]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:_files'
}

_routecli_config_show() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_config_path() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_config_check() {
    _arguments -s -S \
        '(--offline)--offline[Look at the keys only; ask no one]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_doctor() {
    _arguments -s -S \
        '(--call)--call[Also send each provider of the ladder one call of one token\: it costs]' \
        '(--offline)--offline[Ask no provider; look at the keys only]' \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_alias() {
    _arguments -s -S \
        '(--name)--name[What it is called]:value:()' \
        '(--install)--install[Into the file that your shell reads]' \
        '(--remove)--remove[Out of it again]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:(bash zsh fish)'
}

_routecli_trust() {
    local context state line; typeset -A opt_args
    _arguments -C -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '1:command:((show\:"Show what this repository proposes, and every yes given so far" add\:"Let the commands that this repository proposes run, in the sandbox as all others" remove\:"Take the yes for this repository back"))' \
        '*::argument:->below'
    [[ $state == below ]] && case $line[1] in
        show) _routecli_trust_show ;;
        add) _routecli_trust_add ;;
        remove) _routecli_trust_remove ;;
    esac
}

_routecli_trust_show() {
    _arguments -s -S \
        '(--json)--json[One JSON document on stdout]' \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_trust_add() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_trust_remove() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]'
}

_routecli_completion() {
    _arguments -s -S \
        '(--config)--config[Read this file instead of the user'\''s own configuration (or name it in ROUTECLI_CONFIG)]:value:_files' \
        '(--profile)--profile[Lay `\[profiles.NAME\]` of the configuration over the rest (or name it in ROUTECLI_PROFILE)]:value:()' \
        '(--quiet -q)--quiet[Only the answer and errors\: no progress]' \
        '(--quiet -q)-q[Only the answer and errors\: no progress]' \
        '(--verbose -v)--verbose[Say more while working]' \
        '(--verbose -v)-v[Say more while working]' \
        '(--no-color)--no-color[No colour]' \
        '(--help -h)--help[Show this help and leave]' \
        '(--help -h)-h[Show this help and leave]' \
        '*:argument:(bash zsh fish)'
}

if [[ ${funcstack[1]} == _routecli ]]; then
    _routecli "$@"
else
    compdef _routecli routecli
fi
