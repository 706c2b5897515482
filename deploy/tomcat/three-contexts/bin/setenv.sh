# Read by catalina.sh: for a Tomcat that three nodes and perhaps other applications share. Each node wants about 256 MB
# of the heap.
CATALINA_OPTS="$CATALINA_OPTS -Xmx768m -XX:MaxDirectMemorySize=384m"
CATALINA_OPTS="$CATALINA_OPTS -Djava.util.concurrent.ForkJoinPool.common.parallelism=4"
