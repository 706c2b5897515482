rem Read by catalina.bat. The JVM's switches are in conf\jvm.options; the property source lets server.xml name
rem environment variables.
set CATALINA_OPTS=%CATALINA_OPTS% "@%CATALINA_BASE%\conf\jvm.options"
set CATALINA_OPTS=%CATALINA_OPTS% -Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource
set CATALINA_OPTS=%CATALINA_OPTS% -Draftkv.connections=8192
