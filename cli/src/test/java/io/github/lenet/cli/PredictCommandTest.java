package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PredictCommandTest {

  @TempDir private static Path shared;

  private static ImageDataset garments;

  @TempDir private Path directory;

  @BeforeAll
  static void drawGarments() throws IOException {
    garments = SampleGarments.load().test();
    TinyIdx.write(shared, garments);
  }

  private static Cli predict(String... arguments) throws IOException {
    return Cli.run(
        Stream.concat(
                Stream.of(
                    "predict", "--dataset", shared.toString(), SampleRun.directory().toString()),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  private Path png(String name, int index, boolean inverted) throws IOException {
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    byte[] pixels = garments.image(index);
    for (int i = 0; i < pixels.length; i++) {
      int grey = Byte.toUnsignedInt(pixels[i]);
      image.getRaster().setSample(i % 28, i / 28, 0, inverted ? 255 - grey : grey);
    }
    Path file = directory.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static List<JsonNode> jsonLines(Cli cli) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : cli.outLines()) {
      lines.add(new JsonMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void aFileGetsTheSameAnswerAsTheSameImageOfTheDataSet() throws Exception {
    Path boot = png("boot.png", 9, false);
    Path ink = png("ink.png", 9, true);
    Cli cli = predict("--json", boot.toString(), ink.toString(), "test:9");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    List<JsonNode> lines = jsonLines(cli);
    assertEquals(boot.toString(), lines.get(0).get("file").asText());
    assertEquals("9", lines.get(2).get("expected").asText());
    assertEquals(lines.get(2).get("predictions"), lines.get(0).get("predictions"));
    assertEquals(lines.get(2).get("predictions"), lines.get(1).get("predictions")); // found dark
    JsonNode best = lines.get(0).at("/predictions/0");
    assertEquals("ankle boot", best.get("name").asText()); // its best class by far
    assertEquals(9, best.get("class").asInt());
    double second = lines.get(0).at("/predictions/1/probability").asDouble();
    assertTrue(best.get("probability").asDouble() >= second, cli.out());

    Cli told = predict("--json", ink.toString(), "--polarity", "light-on-dark", "--top", "10");
    JsonNode all = jsonLines(told).get(0).get("predictions");
    double sum = 0;
    for (JsonNode prediction : all) {
      sum += prediction.get("probability").asDouble();
    }
    assertEquals(10, all.size());
    assertEquals(1, sum, 1e-5);
    assertTrue(
        Math.abs(all.get(0).get("probability").asDouble() - best.get("probability").asDouble())
            > 1e-6);
  }

  @Test
  void printsATableWithTheNameOnce() throws Exception {
    Cli cli = predict("test:9", "test:8", "--top", "2");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(5, cli.outLines().size(), cli.out());
    assertTrue(cli.outLines().get(0).matches("image +probability  class"), cli.out());
    assertTrue(cli.outLines().get(1).matches("test:9 \\(9\\) +0\\.\\d{4}  ankle boot"));
    assertTrue(cli.outLines().get(2).matches(" +0\\.\\d{4}  [a-z -]+"), cli.out());
    assertTrue(cli.outLines().get(3).startsWith("test:8 (8) "), cli.out());
  }

  @Test
  void aBadFileAmongGoodOnesIsReportedAndTheOthersAreDone() throws Exception {
    Path text = Files.writeString(directory.resolve("notes.txt"), "no image");
    Path empty = Files.createDirectories(directory.resolve("empty"));
    Path good = png("good.png", 3, false);
    String[] arguments = {
      text.toString(),
      directory.resolve("nowhere.png").toString(),
      empty.toString(),
      "test:2000",
      good.toString(),
      "--json"
    };
    Cli cli = predict(arguments);

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, jsonLines(cli).size());
    assertEquals(good.toString(), jsonLines(cli).get(0).get("file").asText());
    assertEquals(4, cli.errLines().size(), cli.err());
    assertTrue(cli.errLines().get(0).startsWith("error: " + text), cli.err());
    assertTrue(cli.errLines().get(1).contains("nowhere.png: no such file"), cli.err());
    assertTrue(cli.errLines().get(2).contains("the directory contains no image"), cli.err());
    assertTrue(cli.errLines().get(3).contains("test:2000: no such test image"));
  }

  @Test
  void aDirectoryStandsForTheImagesInItByName() throws Exception {
    Path images = Files.createDirectories(directory.resolve("images"));
    Files.move(png("b.PNG", 1, false), images.resolve("b.PNG"));
    Files.move(png("a.png", 2, false), images.resolve("a.png"));
    Files.writeString(images.resolve("README"), "not one");
    Cli cli = predict(images.toString(), "--json", "--top", "1");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(
        List.of(images.resolve("a.png").toString(), images.resolve("b.PNG").toString()),
        jsonLines(cli).stream().map(line -> line.get("file").asText()).toList());
  }

  @Test
  void namesWhatItCannotReadInADirectory() throws Exception {
    Path images = Files.createDirectories(directory.resolve("photos"));
    Files.move(png("a.png", 2, false), images.resolve("a.png"));
    Files.move(png("b.png", 2, false), images.resolve("no suffix"));
    Files.write(images.resolve("._a.png"), new byte[] {0, 5, 22, 7}); // a Mac's notes
    byte[] avif = "0000ftypavif".getBytes(StandardCharsets.US_ASCII);
    byte[] heic = "0000ftypheic".getBytes(StandardCharsets.US_ASCII);
    Files.write(images.resolve("c.avif"), avif);
    Files.write(images.resolve("d.HEIC"), heic);
    Files.write(images.resolve("e.heic"), heic);
    Files.write(images.resolve("f.jpg"), avif);
    Files.writeString(images.resolve("notes.txt"), "no image");
    Cli cli = predict(images.toString(), "--json");

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(
        List.of(
            "error: %s: is AVIF, named .jpg: expected PNG, JPEG, GIF, BMP or WebP. Convert it."
                .formatted(images.resolve("f.jpg")),
            "error: %s: not read: 1 AVIF, 2 HEIC. Convert them to PNG or JPEG.".formatted(images)),
        cli.errLines());
    assertEquals(
        List.of(images.resolve("a.png").toString(), images.resolve("no suffix").toString()),
        jsonLines(cli).stream().map(line -> line.get("file").asText()).toList());
  }

  /** A shoe of 60×36, stored turned by a quarter, with the orientation 6 in its EXIF chunk. */
  @Test
  void readsWebpAndTurnsItUpright() throws Exception {
    Path webp = directory.resolve("turned.webp");
    try (InputStream resource = PredictCommandTest.class.getResourceAsStream("turned.webp")) {
      Files.copy(resource, webp);
    }
    assertEquals(36, ImageFiles.read(webp).getHeight());
    Cli cli = predict(webp.toString(), "--json", "--top", "1");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    Files.write(webp, Arrays.copyOf(Files.readAllBytes(webp), 60));
    assertEquals(ExitCode.FAILED, predict(webp.toString()).status());
  }

  /** The decoder throws what it likes; callers get an image or an {@link ImageFormatException}. */
  @Test
  void corruptWebpIsAnErrorOfItsOwn() throws Exception {
    byte[] webp;
    try (InputStream resource = PredictCommandTest.class.getResourceAsStream("turned.webp")) {
      webp = resource.readAllBytes();
    }
    int refused = 0;
    for (int i = 0; i < webp.length; i++) {
      byte[] corrupt = webp.clone();
      corrupt[i] ^= 1;
      refused += isRefused(corrupt) ? 1 : 0;
      refused += isRefused(Arrays.copyOf(webp, i)) ? 1 : 0;
    }
    assertTrue(refused > 100, refused + " refused"); // all prefixes without the pixels, and more
  }

  private static boolean isRefused(byte[] bytes) throws IOException {
    try {
      ImageFiles.read(new ByteArrayInputStream(bytes), "it");
      return false;
    } catch (ImageFormatException e) {
      return true;
    }
  }

  @Test
  void readsStandardInput() throws Exception {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(Files.readAllBytes(png("boot.png", 9, false))));
    try {
      Cli cli = predict("-", "test:9", "--json");

      assertEquals(ExitCode.DONE, cli.status(), cli.err());
      List<JsonNode> lines = jsonLines(cli);
      assertEquals("-", lines.get(0).get("file").asText());
      assertEquals(lines.get(1).get("predictions"), lines.get(0).get("predictions"));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void noiseIsTheSameForASeedAndNeverTwiceInARow() throws Exception {
    List<JsonNode> noise = jsonLines(predict("noise", "noise", "--json"));

    assertEquals(noise, jsonLines(predict("noise", "noise", "--json", "--seed", "1")));
    assertNotEquals(noise.get(0), noise.get(1));
    assertNotEquals(noise.get(0), jsonLines(predict("noise", "--json", "--seed", "2")).get(0));
  }

  @Test
  void thePretrainedNetworkNeedsNoTraining() throws Exception {
    Cli cli = Cli.run("predict", "pretrained", png("boot.png", 9, false).toString(), "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(3, jsonLines(cli).get(0).get("predictions").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "predict | missing required parameter",
        "predict pretrained | missing required parameter: 'FILE'",
        "predict pretrained - - | standard input can be read only once",
        "predict pretrained test:one | test:one: expected an index, counted from 0",
        "predict pretrained test:-1 | test:-1: expected an index, counted from 0",
        "predict pretrained test:0 --dataset smaple | did you mean sample?",
        "predict pretrained a.png --top 0 | --top: expected a positive whole number",
        "predict pretrained a.png --polarity dark | unknown polarity 'dark'",
      })
  void refusesWrongArguments(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"predict,pretrained,", "predict,,a.png", "evaluate,", "export,,--output,x"})
  void anEmptyPathIsWrongUsage(String command) {
    Cli cli = Cli.run(command.split(",", -1));

    assertEquals(ExitCode.WRONG_USAGE, cli.status(), cli.err());
    assertTrue(cli.err().contains("expected a path, found ''"), cli.err());
  }
}
