package example;

import io.github.lenet.model.LeNetClassifier;
import java.io.IOException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class Application {
  public static void main(String[] args) {
    SpringApplication.run(Application.class, args);
  }

  /** One classifier serves all threads. Spring closes it. */
  @Bean
  LeNetClassifier classifier() throws IOException {
    return LeNetClassifier.pretrained();
  }

  @Bean
  HealthIndicator lenet(LeNetClassifier classifier) {
    return () -> Health.up().withDetail("classes", classifier.model().classNames()).build();
  }
}
