package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Provenance;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelCardTest {

  private static String card(String id, String title) {
    Metrics metrics = new Metrics(0.5, 9_031, 10_000);
    return new ModelCard(
            TrainingConfig.builder().build(),
            new Provenance(id, title, "a licence", "", List.of()),
            List.of("a", "b"),
            new EpochResult(1, metrics, metrics, Duration.ZERO, Duration.ZERO),
            metrics,
            Optional.empty())
        .toMarkdown();
  }

  /** Between two lines of three hyphens, the first of which is the first line. */
  private static List<String> head(String card) {
    assertTrue(card.startsWith("---\n"), card);
    return card.substring(4, card.indexOf("\n---\n\n# ")).lines().toList();
  }

  @Test
  void beginsWithTheMetadataOfHuggingFace() {
    assertEquals(
        List.of(
            "license: mit",
            "library_name: lenet",
            "tags:",
            "- image-classification",
            "- lenet",
            "datasets:",
            "- zalando-datasets/fashion_mnist",
            "metrics:",
            "- accuracy",
            "model-index:",
            "- name: lenet",
            "  results:",
            "  - task:",
            "      type: image-classification",
            "    dataset:",
            "      name: \"Fashion-MNIST\"",
            "      type: zalando-datasets/fashion_mnist",
            "      split: test",
            "    metrics:",
            "    - type: accuracy",
            "      value: 0.9031"),
        head(card("fashion-mnist", "Fashion-MNIST")));
    List<String> mnist = head(card("mnist", "MNIST"));
    assertEquals("license: cc-by-sa-3.0", mnist.get(0));
    assertTrue(mnist.contains("- ylecun/mnist"), mnist.toString());
    assertEquals("license: apache-2.0", head(card("sample", "Sample garments")).get(0));
  }

  @Test
  void dataOfOthersHaveNoLicenceAndNoDataset() {
    List<String> head = head(card("idx", "IDX files in C:\\data \"new\": a\n---\n\n# b"));

    assertEquals("license: unknown", head.get(0));
    assertTrue(!head.contains("datasets:") && head.contains("      type: idx"), head.toString());
    assertTrue(
        head.contains("      name: \"IDX files in C:\\\\data \\\"new\\\": a\\n---\\n\\n# b\""),
        head.toString());
  }

  @Test
  void theCardOfThePretrainedModelHasTheSameHead() throws IOException {
    assertEquals(
        head(card("fashion-mnist", "Fashion-MNIST")), head(LeNetModel.pretrained().card()));
  }
}
