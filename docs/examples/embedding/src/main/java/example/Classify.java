package example;

import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;







import java.io.InputStream;

/** Classifies an image with the pretrained model. */
public class Classify {
  public static void main(String[] args) throws Exception {
    try (LeNetClassifier classifier = LeNetClassifier.pretrained();
        InputStream image = Classify.class.getResourceAsStream("trousers.png")) {
      for (Prediction prediction : classifier.predict(ImageFiles.read(image, "trousers.png"), 3)) {
        System.out.printf("%-12s %.3f%n", prediction.className(), prediction.probability());
      }
    }
  }
}
