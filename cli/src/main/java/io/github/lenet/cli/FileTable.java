package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.FileStatus;
import io.github.lenet.data.FileStatus.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Files of data sets, whether they are whole, and what they hash to: as a table or as JSON. */
final class FileTable {

  private static final String ROW = "  %-26s  %-7s  %11s  %s%n";

  private final List<Part> parts = new ArrayList<>();

  private record Part(DatasetSource source, Path directory, List<Row> rows) {}

  /** Size and hash of the file as it is; 0 and empty for one that is missing. */
  private record Row(FileStatus status, long sizeInBytes, String sha256) {

    static Row of(FileStatus status) throws IOException {
      if (status.state() == State.MISSING || !Files.isReadable(status.path())) {
        return new Row(status, 0, "");
      }
      return new Row(status, Files.size(status.path()), Sha256.of(status.path()));
    }

    boolean isFaulty() {
      return status.state() != State.OK;
    }

    String state() {
      return status.state().name().toLowerCase(Locale.ROOT);
    }
  }

  /** Adds a data set's files, which lie in a directory. */
  void add(DatasetSource source, Path directory, List<FileStatus> files) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (FileStatus file : files) {
      rows.add(Row.of(file));
    }
    parts.add(new Part(source, directory, rows));
  }

  /** How many files there are in the table. */
  long count() {
    return parts.stream().mapToLong(part -> part.rows().size()).sum();
  }

  /** How many of them are missing or damaged. */
  long faultyCount() {
    return parts.stream().flatMap(part -> part.rows().stream()).filter(Row::isFaulty).count();
  }

  /** Prints the whole table. */
  void print(Console console, boolean asJson) {
    if (asJson) {
      Json.print(console, toJson());
      return;
    }
    for (Part part : parts) {
      console.out().printf("%s in %s%n", part.source().title(), part.directory());
      console.out().printf(ROW, "file", "state", "bytes", "SHA-256");
      for (Row row : part.rows()) {
        boolean missing = row.status().state() == State.MISSING;
        console
            .out()
            .printf(
                ROW,
                row.status().path().getFileName(),
                row.status().state() == State.OK ? "OK" : row.state(),
                missing ? "-" : String.format(Locale.ROOT, "%,d", row.sizeInBytes()),
                missing ? "-" : row.isFaulty() ? row.status().detail() : row.sha256());
      }
    }
  }

  private ObjectNode toJson() {
    ObjectNode json = Json.object().put("ok", faultyCount() == 0);
    ArrayNode datasets = json.putArray("datasets");
    for (Part part : parts) {
      ObjectNode dataset = datasets.addObject().put("dataset", part.source().id());
      dataset.put("directory", part.directory().toString());
      ArrayNode files = dataset.putArray("files");
      for (Row row : part.rows()) {
        ObjectNode file = files.addObject();
        file.put("name", row.status().path().getFileName().toString());
        file.put("state", row.state()).put("bytes", row.sizeInBytes());
        file.put("sha256", row.sha256()).put("detail", row.status().detail());
      }
    }
    return json;
  }
}
