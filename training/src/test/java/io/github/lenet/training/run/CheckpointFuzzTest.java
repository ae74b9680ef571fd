package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.training.internal.io.Json;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any history and any checksums in a checkpoint, with checksums that are right and others, are
 * taken for exactly what they say, or are refused with a {@link RunFormatException}.
 */
final class CheckpointFuzzTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path CHECKPOINTS = temporaryDirectory();
  private static final Path HISTORY = CHECKPOINTS.resolve("epoch-1/history.json");
  private static final Path SUMS = CHECKPOINTS.resolve("epoch-1/SHA256SUMS");

  private static final String GOOD =
      """
      {"steps": 2, "epochs": [{"epoch": 1,
        "train": {"mean_loss": 2.5, "correct": 1, "total": 3},
        "validation": {"mean_loss": 2.25, "correct": 2, "total": 4},
        "training_nanos": 5, "nanos": 6}],
       "points": [{"epoch": 0.5, "loss": 2.5, "accuracy": 0.125},
        {"epoch": 1.0, "loss": 2.0, "accuracy": 0.25}]}
      """;

  private static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("checkpoints-fuzz");
      Path epoch = Files.createDirectory(directory.resolve("epoch-1"));
      Stream.of(directory, epoch, epoch.resolve("history.json"), epoch.resolve("SHA256SUMS"))
          .forEach(path -> path.toFile().deleteOnExit());
      return directory;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<byte[]> seeds() {
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    return Stream.of(
        joined(new byte[1], good),
        joined(new byte[1], "{\"steps\":0,\"epochs\":[],\"points\":[]}"),
        joined(new byte[1], GOOD.replace("2.25", "\"much\"")),
        joined(new byte[1], GOOD.replace("2.25", "\"NaN\"")),
        joined(new byte[1], GOOD.replace("\"epoch\": 1", "\"epoch\": 7")),
        new byte[] {1},
        new byte[] {1, 0, 5, 12},
        joined(new byte[] {2}, sums(good)),
        joined(new byte[] {2}, "0  history.json\n"));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(first);
    bytes.writeBytes(second);
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[] first, String second) {
    return joined(first, second.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sums(byte[] history) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(history);
      String line = HexFormat.of().formatHex(hash) + "  history.json\n";
      return line.getBytes(StandardCharsets.UTF_8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param bytes after 0: a history; after 1: edits of a good one; after 2: the checksums of a good
   *     one
   */
  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({
    "\"epochs\":[",
    "\"steps\":",
    "\"train\":{",
    "\"mean_loss\":",
    "\"total\":",
    "null",
    "1e999",
    "\"NaN\"",
    "  history.json",
    "  SHA256SUMS"
  })
  @FuzzTest
  void anyCheckpointIsTakenForWhatItSaysOrRefused(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    int kind = (bytes[0] & 0xff) % 3;
    byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
    byte[] history =
        switch (kind) {
          case 0 -> rest;
          case 1 -> JsonEdits.apply(GOOD, ByteBuffer.wrap(rest)).getBytes(StandardCharsets.UTF_8);
          default -> GOOD.getBytes(StandardCharsets.UTF_8);
        };
    byte[] sums = kind == 2 ? rest : sums(history);
    Files.write(HISTORY, history);
    Files.write(SUMS, sums);
    Checkpoints checkpoints = new Checkpoints(CHECKPOINTS);
    for (boolean needsBest : new boolean[] {false, true}) {
      try {
        RunHistory read = checkpoints.newest(needsBest).history();
        Files.writeString(HISTORY, Json.write(read));
        assertEquals(read, Json.read(HISTORY, RunHistory.class));
        Files.write(HISTORY, history);
        assertIsWhatIsThere(read, JSON.readTree(history));
        assertTrue(
            Arrays.equals(sums(history), sums)
                || new String(sums, 0, 78).endsWith("  history.json"));
      } catch (RunFormatException e) {
        assertTrue(e.getMessage().startsWith(CHECKPOINTS.toString()), e.getMessage());
      }
    }
  }

  private static void assertIsWhatIsThere(RunHistory history, JsonNode json) {
    assertNumber(history.steps(), json.get("steps"));
    assertEquals(history.epochs().size(), json.get("epochs").size());
    for (int i = 0; i < history.epochs().size(); i++) {
      RunHistory.Epoch epoch = history.epochs().get(i);
      JsonNode there = json.get("epochs").get(i);
      assertNumber(epoch.epoch(), there.get("epoch"));
      assertEquals(i + 1, epoch.epoch());
      assertNumber(epoch.train().total(), there.get("train").get("total"));
      assertNumber(epoch.validation().correct(), there.get("validation").get("correct"));
      assertNumber(epoch.validation().meanLoss(), there.get("validation").get("mean_loss"));
      assertNumber(epoch.nanos(), there.get("nanos"));
    }
    assertEquals(history.points().size(), json.get("points").size());
    for (int i = 0; i < history.points().size(); i++) {
      JsonNode there = json.get("points").get(i);
      assertNumber(history.points().get(i).epoch(), there.get("epoch"));
      assertNumber(history.points().get(i).loss(), there.get("loss"));
      assertNumber(history.points().get(i).accuracy(), there.get("accuracy"));
    }
  }

  private static void assertNumber(Number expected, JsonNode found) {
    if (!Double.isFinite(expected.doubleValue()) && found.isTextual()) {
      assertEquals(expected.toString(), found.textValue());
      return;
    }
    assertTrue(found.isNumber(), expected + " is not " + found);
    if (expected instanceof Double number) {
      assertEquals(number, found.doubleValue());
    } else {
      assertTrue(found.isIntegralNumber(), expected + " is not " + found);
      assertEquals(expected.toString(), found.bigIntegerValue().toString());
    }
  }
}
