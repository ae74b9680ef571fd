package io.github.lenet.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.FileStatus;
import io.github.lenet.data.FileStatus.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The files of data sets with their states and SHA-256, as a table or as JSON. */
public final class FileTable {

  private static final String ROW = "  %-26s  %-7s  %11s  %s%n";

  private final List<Part> parts = new ArrayList<>();

  private record Part(DatasetSource source, Path directory, List<FileStatus> files) {}

  /** Adds a data set's files in a directory. */
  public void add(DatasetSource source, Path directory, List<FileStatus> files) {
    parts.add(new Part(source, directory, files));
  }

  /** {@return the number of files in the table} */
  public long count() {
    return parts.stream().mapToLong(part -> part.files().size()).sum();
  }

  /** {@return the number of files that are missing or corrupt} */
  public long faultyCount() {
    return parts.stream()
        .flatMap(part -> part.files().stream())
        .filter(FileTable::isFaulty)
        .count();
  }

  /** Prints all files, as a table or as one JSON object. */
  public void print(Console console, boolean asJson) {
    if (asJson) {
      Json.print(console, toJson());
      return;
    }
    for (Part part : parts) {
      console.out().printf("%s in %s%n", part.source().title(), part.directory());
      console.out().printf(ROW, "file", "state", "bytes", "SHA-256");
      for (FileStatus file : part.files()) {
        boolean missing = file.state() == State.MISSING;
        console
            .out()
            .printf(
                ROW,
                file.path().getFileName(),
                file.state() == State.OK ? "OK" : lower(file.state()),
                missing ? "-" : String.format(Locale.ROOT, "%,d", file.sizeInBytes()),
                missing ? "-" : isFaulty(file) ? file.detail() : file.sha256());
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
      for (FileStatus file : part.files()) {
        ObjectNode entry = files.addObject();
        entry.put("name", file.path().getFileName().toString());
        entry.put("state", lower(file.state())).put("bytes", file.sizeInBytes());
        entry.put("sha256", file.sha256()).put("detail", file.detail());
      }
    }
    return json;
  }

  private static boolean isFaulty(FileStatus file) {
    return file.state() != State.OK;
  }

  private static String lower(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
