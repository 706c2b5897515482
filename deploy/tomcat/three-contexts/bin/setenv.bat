rem Read by catalina.bat: for a Tomcat that three nodes and perhaps other applications share. Each node wants about
rem 256 MB of the heap.
set CATALINA_OPTS=%CATALINA_OPTS% -Xmx768m -XX:MaxDirectMemorySize=384m
set CATALINA_OPTS=%CATALINA_OPTS% -Djava.util.concurrent.ForkJoinPool.common.parallelism=4
