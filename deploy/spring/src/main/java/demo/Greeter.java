package demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/** Says its greeting, which raftkv has, when it starts and whenever it changes. */
@SpringBootApplication
public class Greeter {
    private final Environment settings;

    Greeter(Environment settings) {
        this.settings = settings;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeter.class, args);
    }

    @EventListener(ApplicationReadyEvent.class)
    void starts() {
        say();
    }

    @EventListener
    void changes(EnvironmentChangeEvent event) {
        if (event.getKeys().contains("greeting")) {
            say();
        }
    }

    private void say() {
        System.out.println("greeting: " + settings.getProperty("greeting"));
    }
}
