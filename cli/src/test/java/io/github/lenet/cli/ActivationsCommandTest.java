package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActivationsCommandTest {

  @TempDir private static Path shared;

  private static Path data;

  @TempDir private Path directory;

  @BeforeAll
  static void writeData() throws IOException {
    data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
  }

  private Cli activations(String... arguments) {
    return Cli.run(
        Stream.concat(
                Stream.of("activations", "pretrained", "--dataset", data.toString(), "--output"),
                Stream.concat(Stream.of(figure().toString()), Stream.of(arguments)))
            .toArray(String[]::new));
  }

  private Path figure() {
    return directory.resolve("figure.png");
  }

  @Test
  void drawsImagesBelowEachOtherAndPrintsTheirNumbers() throws Exception {
    Cli cli = activations("test:9", "noise", "noise", "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    JsonNode json = cli.json();
    BufferedImage figure = ImageIO.read(figure().toFile());
    assertEquals(figure.getWidth(), json.get("width").asInt());
    assertEquals(figure.getHeight(), json.get("height").asInt());
    JsonNode images = json.get("images");
    assertEquals(List.of("test:9", "noise", "noise"), images.findValuesAsText("file"));
    assertEquals("9", images.get(0).get("expected").asText());
    JsonNode layers = images.get(0).get("layers");
    List<Integer> channels = List.of(6, 6, 16, 16);
    for (int i = 0; i < 4; i++) {
      assertEquals(channels.get(i), layers.get(i).get("channels").size());
    }
    // Means of 2x2 leave the mean of an even layer as it is, and raise no maximum.
    for (int i = 0; i < 6; i++) {
      JsonNode conv = layers.get(0).get("channels").get(i);
      JsonNode pool = layers.get(1).get("channels").get(i);
      assertEquals(conv.get("mean").asDouble(), pool.get("mean").asDouble(), 1e-6);
      assertTrue(conv.get("max").asDouble() >= pool.get("max").asDouble());
    }
    assertNotEquals(images.get(1).get("layers"), images.get(2).get("layers"));

    JsonNode predicted = Cli.run("predict", "pretrained", "noise", "--json", "--top", "1").json();
    assertEquals(
        predicted.findValue("probability").asDouble(),
        images.get(1).get("probability").asDouble(),
        1e-6);
    Cli other = activations("noise", "--seed", "2", "--json", "--force");
    assertNotEquals(images.get(1), other.json().get("images").get(0));
  }

  @Test
  void drawsTheOthersIfAnImageCannotBeRead() throws Exception {
    Path text = Files.writeString(directory.resolve("notes.txt"), "no image");
    Cli cli = activations(text.toString(), "test:0");

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().startsWith("error: " + text), cli.err());
    BufferedImage figure = ImageIO.read(figure().toFile());
    assertEquals(
        "%s: %d x %d pixels, images shown: 1%n"
            .formatted(figure(), figure.getWidth(), figure.getHeight()),
        cli.out());

    Cli none = activations(text.toString(), "--force");
    assertEquals(ExitCode.FAILED, none.status());
    assertEquals("", none.out());
  }

  @Test
  void refusesMoreImagesThanAnyoneLooksAt() {
    Cli cli = activations(Collections.nCopies(101, "noise").toArray(String[]::new));

    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.err().contains("expected at most 100, found 101"), cli.err());
    assertFalse(Files.exists(figure()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "activations pretrained --output a.png | missing required parameter: 'FILE'",
        "activations pretrained noise | missing required option: '--output",
        "activations pretrained noise --output a.svg | expected a name that ends in .png",
        "activations pretrained noise --output a.png --seed x | --seed: expected a whole number",
        "activations pretrained test:one --output a.png | test:one: expected an index",
      })
  void refusesWrongArguments(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
