package io.github.lenet.model.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Locale.Category;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes the locale of the JVM; tests in other JVMs do not notice. */
class GraphLocaleTest {

  private Locale before;

  @TempDir private Path directory;

  @BeforeEach
  void remember() {
    before = Locale.getDefault(Category.FORMAT);
  }

  @AfterEach
  void restore() {
    Locale.setDefault(Category.FORMAT, before);
  }

  private static void speak(String language) {
    Locale.setDefault(Category.FORMAT, Locale.forLanguageTag(language));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "ar-EG", "bn-BD", "ne-NP", "mr-IN", "my-MM", "th-TH-u-nu-thai"})
  void modelsAreBuiltSavedAndLoadedInLanguagesWithDigitsOfTheirOwn(String language)
      throws Exception {
    speak("en");
    byte[] image = new byte[28 * 28];
    float[] expected;
    try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
      expected = classifier.probabilities(List.of(image))[0];
    }
    speak(language);

    LeNetModel.pretrained().save(directory.resolve("model"));
    try (LeNetClassifier classifier = LeNetClassifier.load(directory.resolve("model"))) {
      assertArrayEquals(expected, classifier.probabilities(List.of(image))[0], 1e-6f);
    }

    assertEquals(Locale.forLanguageTag(language), Locale.getDefault(Category.FORMAT));
  }

  @Test
  void localesWithAsciiDigitsStay() {
    speak("tr-TR");
    GraphLocale.enter();
    assertEquals(Locale.forLanguageTag("tr-TR"), Locale.getDefault(Category.FORMAT));
    GraphLocale.exit();
  }

  @Test
  void theLastOneOutPutsTheLocaleBack() throws Exception {
    speak("fa-IR");
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      others.add(
          CompletableFuture.runAsync(
              () -> {
                for (int j = 0; j < 1000; j++) {
                  GraphLocale.enter();
                  try {
                    assertEquals("1", "%d".formatted(1));
                  } finally {
                    GraphLocale.exit();
                  }
                }
              }));
    }
    for (CompletableFuture<Void> other : others) {
      other.get();
    }
    assertEquals(Locale.forLanguageTag("fa-IR"), Locale.getDefault(Category.FORMAT));
  }
}
