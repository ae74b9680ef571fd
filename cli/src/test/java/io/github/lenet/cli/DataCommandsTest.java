package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DataCommandsTest {

  @TempDir private static Path shared;

  private static Path data;

  @TempDir private Path directory;

  @BeforeAll
  static void writeData() throws IOException {
    data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 20);
  }

  @Test
  void previewIsAPngWithAllImages() throws IOException {
    Path png = directory.resolve("garments.png");
    Cli cli = preview(png, "--rows", "2", "--columns", "3");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    BufferedImage image = ImageIO.read(png.toFile());
    // Images three times their 28 pixels, 12 between them, 16 around; 28 and 18 for the words.
    assertEquals(16 + 3 * 84 + 2 * 12 + 16, image.getWidth());
    assertEquals(16 + 28 + 2 * (84 + 18) + 12 + 16, image.getHeight());
    assertEquals(
        "%s: %d x %d pixels, images shown: 6".formatted(png, image.getWidth(), image.getHeight()),
        cli.out().strip());
    assertOnly(png);
  }

  @Test
  void previewLeavesTheNeighboursAlone() throws IOException {
    Path neighbour = Files.writeString(directory.resolve("garments.png.tmp"), "mine");

    assertEquals(ExitCode.DONE, preview(directory.resolve("garments.png")).status());
    assertEquals("mine", Files.readString(neighbour));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void previewMakesAFileForWhoeverMayReadNewOnes() throws IOException {
    Path png = directory.resolve("garments.png");
    Path other = Files.createFile(directory.resolve("other"));

    assertEquals(ExitCode.DONE, preview(png).status());
    assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(png));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void previewNamesTheFileThatCannotBeWritten() throws Exception {
    // Nobody can make a file there, not even root. In a process of its own for all that it prints.
    Cli cli =
        new ChildJvm(directory)
            .run("data", "preview", "--dataset", data.toString(), "--output", "/proc/garments.png");

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(
        cli.err().startsWith("error: /proc/garments.png: cannot be written: no such file"),
        cli.err());
  }

  @Test
  void previewReportsAsJson() {
    String png = directory.resolve("a.png").toString();
    Cli cli =
        Cli.run(
            "data", "preview", "--dataset", "sample", "--output", png, "--json", "--split", "test");
    JsonNode json = cli.json();

    assertEquals(40, json.path("images").asInt());
    assertEquals("sample", json.path("dataset").asText());
    assertEquals(980, json.path("width").asInt());
  }

  @Test
  void previewReplacesAFileOnlyWhenForced() throws IOException {
    Path png = Files.writeString(directory.resolve("mine.png"), "mine");

    Cli cli = preview(png);
    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size());
    assertTrue(cli.err().contains("--force"), cli.err());
    assertEquals("mine", Files.readString(png));

    assertEquals(ExitCode.DONE, preview(png, "--force").status());
    assertTrue(ImageIO.read(png.toFile()).getWidth() > 0);
    assertOnly(png);
  }

  private void assertOnly(Path file) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "preview | missing required option: '--output=FILE.png'",
        "preview --output a.txt | --output: expected a name that ends in .png",
        "preview --output nowhere/a.png | --output: no such directory",
        "preview --output a.png --rows 0 | --rows: expected a positive whole number",
        "preview --output a.png --columns 101 | --columns: expected at most 100, found 101",
        "preview --output a.png --split tset | --split: unknown split 'tset'; did you mean test?",
        "preview --output a.png --dataset smaple | did you mean sample?",
        "verify fashion-mnst | unknown data set 'fashion-mnst'; did you mean fashion-mnist?",
        "verify --data-dir nowhere | --data-dir: no such directory: nowhere",
        "fetch cifar | unknown data set 'cifar' (fashion-mnist, mnist)",
      })
  void refuseWrongArguments(String arguments, String message) {
    Cli cli = Cli.run(("data " + arguments).split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
    assertFalse(Files.exists(Path.of("a.png")));
  }

  @Test
  void verifyTellsMissingFromCorrupt() throws IOException {
    Files.writeString(directory.resolve("t10k-labels-idx1-ubyte.gz"), "not gzip at all");
    Files.writeString(directory.resolve("train-labels-idx1-ubyte"), "nor labels");

    Cli table = Cli.run("data", "verify", "mnist", "--data-dir", directory.toString());
    assertEquals(ExitCode.FAILED, table.status());
    assertEquals(List.of("error: 4 of 4 files are missing or corrupt"), table.errLines());
    assertEquals(6, table.outLines().size(), table.out());

    Cli cli = Cli.run("data", "verify", "mnist", "--json", "--data-dir", directory.toString());
    assertEquals(ExitCode.FAILED, cli.status());
    assertFalse(cli.json().path("ok").asBoolean(true));
    JsonNode files = cli.json().path("datasets").get(0).path("files");
    assertEquals("missing", files.get(0).path("state").asText());
    assertEquals("corrupt", files.get(1).path("state").asText());
    assertEquals("train-labels-idx1-ubyte", files.get(1).path("name").asText());
    assertEquals("missing", files.get(2).path("state").asText());
    assertEquals("corrupt", files.get(3).path("state").asText());
    assertEquals(15, files.get(3).path("bytes").asLong());
    assertTrue(files.get(3).path("detail").asText().contains("found an unknown file of 15 bytes"));
  }

  @Test
  void verifyLooksIntoTheCacheByItself() throws Exception {
    Cli cli = new ChildJvm(directory).run("data", "verify");

    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.out().contains(directory.resolve("cache").toString()), cli.out());
    assertTrue(cli.err().contains("lenet data fetch"), cli.err());
    assertFalse(Files.exists(directory.resolve("cache")), "looking must not create it");
  }

  private static Cli preview(Path png, String... options) {
    return Cli.run(
        Stream.concat(
                Stream.of(
                    "data", "preview", "--dataset", data.toString(), "--output", png.toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }
}
