# Read by catalina.sh. The JVM's switches are in conf/jvm.options; the property source lets server.xml name environment
# variables.
CATALINA_OPTS="$CATALINA_OPTS \"@$CATALINA_BASE/conf/jvm.options\""
CATALINA_OPTS="$CATALINA_OPTS -Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource"
# glibc keeps what was freed, for each of 16 groups of threads. So it has two, and gives it back.
export MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
# As many connections as files that the process may open, less 256 for the node and Tomcat; 20000 at most.
files=$(ulimit -H -n)
[ "$files" != unlimited ] && [ "$files" -lt 20256 ] || files=20256
CATALINA_OPTS="$CATALINA_OPTS -Draftkv.connections=$((files - 256))"
