package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.images.ImageDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From folders of photos to a model for other programs. */
@Tag("slow")
@Timeout(300)
class OwnImagesTest {

  @TempDir Path directory;

  private static Cli done(String... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    return cli;
  }

  private static Path photos() throws IOException {
    return DrawnPhotos.run(400).resolveSibling("photos");
  }

  @Test
  void aRunRecordsWhatItRead() throws Exception {
    JsonNode config =
        new JsonMapper().readTree(DrawnPhotos.run(400).resolve("config.json").toFile());
    JsonNode files = config.path("data").path("files");

    assertEquals(10, files.size());
    assertEquals("train/down: 320 images", files.path(0).path("name").asText());
    assertEquals("test/up: 80 images", files.path(9).path("name").asText());
    assertEquals("0.2", config.path("options").path("test_split").asText());
    JsonNode preprocessor = config.path("training").path("preprocessor");
    assertTrue(preprocessor.path("crop").asBoolean());
    assertEquals("light-on-dark", preprocessor.path("polarity").asText());
  }

  @Test
  void theRunIsEvaluatedOnItsOwnTestImages() throws Exception {
    JsonNode result = done("evaluate", DrawnPhotos.run(400).toString(), "--json").json();

    assertEquals("images", result.path("dataset").asText());
    assertTrue(result.path("accuracy").asDouble() > 0.95, result.toString());
  }

  @Test
  void bothExportsPredictTheSame() throws Exception {
    Path run = DrawnPhotos.run(400);
    Path models = directory.resolve("models");
    Path onnx = directory.resolve("photos.onnx");
    done("export", run.toString(), "--output", models.toString());
    done("export", run.toString(), "--format", "onnx", "--output", onnx.toString());
    LeNetModel model = LeNetModel.load(models);
    ImagePreprocessor preprocessor = ImagePreprocessor.DEFAULT.withCrop(true).withContrast(true);
    assertEquals(preprocessor, model.preprocessor());
    assertEquals(DrawnPhotos.CLASSES, model.classNames());
    ImageDataset test =
        ImageDirectory.load(
                photos(),
                new ImageDirectory.Settings(32, 32, preprocessor, 0.2, false),
                new ImageDirectory.Listener() {})
            .test();
    List<byte[]> images = IntStream.range(0, test.size()).mapToObj(test::image).toList();
    ByteBuffer pixels = ByteBuffer.allocateDirect(images.size() * 32 * 32);
    images.forEach(pixels::put);
    OrtEnvironment runtime = OrtEnvironment.getEnvironment();
    try (LeNetClassifier classifier = model.classifier();
        OrtSession session = runtime.createSession(onnx.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(
                runtime,
                pixels.flip(),
                new long[] {images.size(), 32, 32},
                ai.onnxruntime.OnnxJavaType.UINT8);
        OrtSession.Result result = session.run(Map.of("images", input))) {
      float[][] expected = classifier.probabilities(images);
      float[][] found = (float[][]) result.get("probabilities").orElseThrow().getValue();
      for (int i = 0; i < expected.length; i++) {
        assertArrayEquals(expected[i], found[i], 1e-5f);
      }
    }
  }

  @Test
  void photosArePredictedFromTheirFiles() throws Exception {
    int right = 0;
    int all = 0;
    for (String name : DrawnPhotos.CLASSES) {
      String folder = photos().resolve(name).toString();
      Cli cli = done("predict", DrawnPhotos.run(400).toString(), folder, "--top", "1", "--json");
      for (String line : cli.outLines()) {
        JsonNode best = new JsonMapper().readTree(line).path("predictions").path(0);
        right += best.path("name").asText().equals(name) ? 1 : 0;
        all++;
      }
    }
    assertEquals(5 * 360, all); // without those in sub-folders
    assertTrue(right > 0.95 * all, right + " of " + all);
  }

  @Test
  void theDirectoryIsShownAndVerified() throws Exception {
    Path png = directory.resolve("photos.png");
    done(
        "data",
        "preview",
        photos().toString(),
        "--image-size",
        "32",
        "--crop",
        "--output",
        png + "");
    assertTrue(Files.size(png) > 1000);

    Path copy = directory.resolve("copy");
    DrawnPhotos.draw(copy, 4);
    Cli sound = done("data", "verify", copy.toString(), "--json");
    assertTrue(sound.json().path("ok").asBoolean());
    Path broken = Files.writeString(copy.resolve("up/img_1.jpg"), "no image");
    Cli cli = Cli.run("data", "verify", copy.toString());
    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.out().contains("up/img_1.jpg"), cli.out());
    assertTrue(cli.out().contains(broken + ": is no image of a known format"), cli.out());
    assertTrue(cli.err().contains("1 of 11 files are missing or corrupt"), cli.err());
    assertTrue(!cli.err().contains("data fetch"), cli.err());
  }

  @Test
  void trainingGoesOnWithTheSamePhotosOnly() throws Exception {
    Path copy = directory.resolve("copy");
    DrawnPhotos.draw(copy, 10);
    Path run = directory.resolve("run");
    List<String> train = new ArrayList<>(List.of("train", "--output", run.toString()));
    train.addAll(List.of("--dataset", copy.toString(), "--test-split", "0.5", "--epochs", "2"));
    done(train.toArray(String[]::new));
    done("train", "--resume", run.toString(), "--epochs", "3");
    Files.delete(copy.resolve("up/img_3.jpg"));
    Cli cli = Cli.run("train", "--resume", run.toString(), "--epochs", "4");
    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.err().contains("with files of other content"), cli.err());
  }

  @Test
  void anUnreadablePhotoStopsTheTrainingOrIsLeftOut() throws Exception {
    Path copy = directory.resolve("copy");
    DrawnPhotos.draw(copy, 6);
    Path text = Files.writeString(copy.resolve("up/notes.txt"), "no image");
    Path run = directory.resolve("run");
    String train = "train --dataset %s --epochs 1 --output %s".formatted(copy, run);
    Cli cli = Cli.run(train.split(" "));
    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.err().contains(text + ": is no image of a known format"), cli.err());
    assertTrue(Files.notExists(run));
    Cli skipping = done((train + " --skip-unreadable").split(" "));
    assertTrue(skipping.err().contains("left out: " + text), skipping.err());
    done("evaluate", run.toString());
  }
}
