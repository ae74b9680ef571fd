package io.github.lenet.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The parameters of a run on the disk: those of the last epoch, and those of the best one by test
 * accuracy.
 *
 * <p>Each is a directory {@code epoch-N} with TensorFlow's two files; {@code checkpoints.json}
 * names them. A checkpoint is complete before it is named, and named before the one it replaces is
 * removed, so that a killed process leaves at least one whole checkpoint behind.
 */
final class Checkpoints {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String INDEX = "checkpoints.json";
  private static final String PREFIX = "variables";

  private final Path directory;
  private Optional<EpochResult> best = Optional.empty();

  /**
   * @param directory is created with the first checkpoint
   */
  Checkpoints(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /** Saves the parameters as those of the last epoch, and as the best ones if they are. */
  void save(Trainer trainer, EpochResult result, Provenance data) throws IOException {
    Path checkpoint = directory.resolve("epoch-" + result.epoch());
    Path temporary = directory.resolve("epoch-" + result.epoch() + ".tmp");
    AtomicFile.delete(temporary);
    Files.createDirectories(temporary);
    trainer.save(temporary.resolve(PREFIX));
    AtomicFile.publish(temporary, checkpoint);
    if (best.isEmpty() || result.test().accuracy() > best.get().test().accuracy()) {
      best = Optional.of(result);
    }
    ObjectNode index = JSON.createObjectNode();
    index.put("last", checkpoint.getFileName().toString());
    index.put("best", "epoch-" + best.get().epoch());
    index.put("dataset", data.id()).put("note", data.note());
    AtomicFile.write(directory.resolve(INDEX), index.toPrettyString() + "\n");
    for (Path old : others(index)) {
      AtomicFile.delete(old);
    }
  }

  /**
   * The checkpoint of the last saved epoch.
   *
   * @return the prefix for {@code Session.restore}; empty before the first save
   */
  Optional<Path> last() throws IOException {
    Path file = directory.resolve(INDEX);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    String name = JSON.readTree(Files.readString(file)).path("last").asText();
    return Optional.of(directory.resolve(name).resolve(PREFIX));
  }

  private List<Path> others(JsonNode index) throws IOException {
    List<String> kept = List.of(index.get("last").asText(), index.get("best").asText(), INDEX);
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(entry -> !kept.contains(entry.getFileName().toString())).toList();
    }
  }
}
