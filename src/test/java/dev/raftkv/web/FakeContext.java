package dev.raftkv.web;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletRegistration;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** As much of a servlet context as the listener may touch; every other call fails. */
final class FakeContext {
    private final Map<String, String> parameters;
    private final String contextPath;
    private final String realPath;
    private final List<String> registration = new ArrayList<>();
    private final Map<String, Object> attributes = new TreeMap<>();
    private Servlet servlet;

    FakeContext(Map<String, String> parameters, String contextPath, String realPath) {
        this.parameters = parameters;
        this.contextPath = contextPath;
        this.realPath = realPath;
    }

    ServletContextEvent event() {
        return new ServletContextEvent(context());
    }

    ServletContext context() {
        return proxy(ServletContext.class, (method, arguments) -> switch (method) {
            case "getInitParameterNames" -> Collections.enumeration(parameters.keySet());
            case "getInitParameter" -> parameters.get(arguments[0]);
            case "getContextPath" -> contextPath;
            case "getRealPath" -> realPath;
            case "getAttribute" -> attributes.get(arguments[0]);
            case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
            case "addServlet" -> {
                servlet = (Servlet) arguments[1];
                yield registration();
            }
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private ServletRegistration.Dynamic registration() {
        return proxy(ServletRegistration.Dynamic.class, (method, arguments) -> {
            Object argument = arguments[0] instanceof String[] mapping ? List.of(mapping) : arguments[0];
            registration.add(method + " " + argument);
            return null;
        });
    }

    Map<String, Object> attributes() {
        return attributes;
    }

    Servlet servlet() {
        return servlet;
    }

    List<String> calledOnRegistration() {
        return registration;
    }

    interface Answers {
        Object to(String method, Object[] arguments);
    }

    static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.to(method.getName(), arguments)));
    }
}
