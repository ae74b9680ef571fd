package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorCommandTest {

  @TempDir private Path directory;

  @Test
  void findsThatTensorFlowWorks() throws Exception {
    Cli cli = new ChildJvm(directory).run("doctor");

    assertEquals(ExitStatus.DONE, cli.status(), cli.err());
    assertEquals("", cli.err());
    assertTrue(cli.out().contains("2 + 3 = 5"), cli.out());
    assertTrue(cli.out().contains(directory.resolve("cache").toString()), cli.out());
  }

  @Test
  void saysTheSameAsJson() throws Exception {
    JsonNode json = new ChildJvm(directory).run("doctor", "--json").json();

    assertEquals(Versions.ofThisBuild().tensorFlow(), json.path("tensorflow").asText());
    assertEquals(Runtime.getRuntime().availableProcessors(), json.path("cores").asInt());
    assertTrue(json.path("device").asText().startsWith("/device:"));
    assertTrue(json.path("works").asBoolean());
    JsonNode driver = json.path("cuda_libraries").path(0);
    assertEquals("libcuda.so.1", driver.path("file").asText());
    assertEquals(driver.path("usable").asBoolean(), !driver.has("problem"));
    assertEquals("not fetched", json.path("datasets").path("fashion-mnist").asText());
    assertTrue(json.path("free_bytes").asLong() > 0);
  }

  @Test
  void readsOneDnnsSwitch() {
    assertEquals("off (TF_ENABLE_ONEDNN_OPTS=0 in the environment)", DoctorCommand.oneDnn("0"));
    assertEquals("on (TF_ENABLE_ONEDNN_OPTS=1 in the environment)", DoctorCommand.oneDnn("1"));
    assertEquals(
        "on (TF_ENABLE_ONEDNN_OPTS=true in the environment)", DoctorCommand.oneDnn("true"));
  }
}
