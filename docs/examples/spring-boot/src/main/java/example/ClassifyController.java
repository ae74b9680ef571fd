package example;

import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

@RestController
public class ClassifyController {

  private final LeNetClassifier classifier;
  private final Timer timer;

  ClassifyController(LeNetClassifier classifier, MeterRegistry metrics) {
    this.classifier = classifier;
    timer = metrics.timer("lenet.predict");
  }

  @PostMapping("/classify")
  List<Prediction> classify(@RequestParam MultipartFile image) throws IOException {
    try (InputStream stream = image.getInputStream()) {
      BufferedImage decoded = ImageFiles.read(stream, image.getOriginalFilename());
      return timer.record(() -> classifier.predict(decoded, 3));
    }
  }

  @ExceptionHandler
  ProblemDetail handle(ImageFormatException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }
}
