# Read by catalina.sh. The JVM's switches are in conf/jvm.options; the property source lets server.xml name environment
# variables.
CATALINA_OPTS="$CATALINA_OPTS \"@$CATALINA_BASE/conf/jvm.options\""
CATALINA_OPTS="$CATALINA_OPTS -Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource"
