# What Snakemake says, reduced to progress, mistakes and the last word; its full log stays in .snakemake/log.
/^(Using workflow specific|Config file .* is extended|Assuming unrestricted|Using shell|Provided cores|Rules claiming|Building DAG|Select jobs|Execute [0-9]+ jobs|Complete log|Elapsed time|\[[A-Z][a-z][a-z] |Shutting down|Exiting because|WorkflowError:$|At least one job did not|RuleException:$|CalledProcessError in|Command .set |Removing output files)/ { next }
/^Job stats:/, /^total/ { next }
/^build\/[^ ]*$/ || /^ *$/ { next }
/^Finished jobid/ { sub(/.*Rule: /, ""); sub(/\).*/, ""); rule = $0; next }
/ steps .* done$/ { sub(/ done$/, ""); print $0 "  " rule; fflush(); next }
{ print; fflush() }
