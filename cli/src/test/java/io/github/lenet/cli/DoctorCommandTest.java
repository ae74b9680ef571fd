package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Versions;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class DoctorCommandTest {

  @TempDir private static Path directory;

  private static Cli cli;
  private static JsonNode json;

  @BeforeAll
  static void run() throws Exception {
    cli = new ChildJvm(directory).run("doctor");
    json = new ChildJvm(directory).run("doctor", "--json").json();
  }

  @Test
  void findsThatTensorFlowWorks() {
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals("", cli.err());
    assertTrue(cli.out().contains("2 + 3 = 5"), cli.out());
    assertTrue(cli.out().contains(directory.resolve("cache").toString()), cli.out());
  }

  @Test
  void saysTheSameAsJson() {
    assertEquals(Versions.ofThisBuild().tensorFlow(), json.path("tensorflow").asText());
    assertEquals(Runtime.getRuntime().availableProcessors(), json.path("cores").asInt());
    assertTrue(json.path("device").asText().startsWith("/device:"));
    assertTrue(json.path("works").asBoolean());
    assertEquals("not fetched", json.path("datasets").path("fashion-mnist").asText());
    assertTrue(json.path("free_bytes").asLong() > 0);
  }

  /** On any machine, whatever it has of it: the lines and the JSON object say the same. */
  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void namesTheDriverAndWhatIsMissingBesideIt() {
    assertEquals("libcuda.so.1", json.path("cuda_libraries").path(0).path("file").asText());
    for (JsonNode library : json.path("cuda_libraries")) {
      assertEquals(library.path("usable").asBoolean(), !library.has("problem"), library.toString());
      String said = library.path("usable").asBoolean() ? "path" : "problem";
      String line =
          cli.outLines().stream()
              .filter(text -> text.startsWith(library.path("name").asText() + " "))
              .findFirst()
              .orElseThrow();
      assertTrue(line.contains(library.path(said).asText()), line);
    }
  }

  @Test
  void readsOneDnnsSwitch() {
    assertEquals("on (switched on by lenet)", DoctorCommand.oneDnn(null, true));
    assertEquals(
        "left to TensorFlow (TF_ENABLE_ONEDNN_OPTS=1 switches it on)",
        DoctorCommand.oneDnn(null, false));
    assertEquals(
        "off (TF_ENABLE_ONEDNN_OPTS=0 in the environment)", DoctorCommand.oneDnn("0", true));
    assertEquals(
        "on (TF_ENABLE_ONEDNN_OPTS=1 in the environment)", DoctorCommand.oneDnn("1", true));
    assertEquals(
        "on (TF_ENABLE_ONEDNN_OPTS=true in the environment)", DoctorCommand.oneDnn("true", true));
  }
}
