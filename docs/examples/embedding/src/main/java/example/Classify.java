package example;

import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.Prediction;
import java.io.InputStream;

/** Asks the network that comes with lenet-model what an image shows. */
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
