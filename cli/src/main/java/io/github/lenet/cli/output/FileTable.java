package io.github.lenet.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.FileStatus;
import io.github.lenet.data.FileStatus.State;
import io.github.lenet.data.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The files of data sets with their states and SHA-256, as a table or as JSON. */
public final class FileTable {

  private static final String ROW = "  %-26s  %-7s  %11s  %s%n";

  private final List<Part> parts = new ArrayList<>();

  private record Part(String id, String title, Path directory, List<Row> rows) {}

  private record Row(String name, State state, long sizeInBytes, String sha256, String detail) {}

  /** Adds a catalogued data set's files in a directory. */
  public void add(DatasetSource source, Path directory, List<FileStatus> files) {
    List<Row> rows =
        files.stream()
            .map(
                file ->
                    new Row(
                        file.path().getFileName().toString(),
                        file.state(),
                        file.sizeInBytes(),
                        file.sha256(),
                        file.detail()))
            .toList();
    parts.add(new Part(source.id(), source.title() + " in " + directory, directory, rows));
  }

  /**
   * Adds a data set that was loaded from a directory.
   *
   * @param unreadable why files could not be read
   */
  public void add(Provenance data, Path directory, Map<Path, String> unreadable) {
    List<Row> rows = new ArrayList<>();
    for (Provenance.File file : data.files()) {
      rows.add(new Row(file.name(), State.OK, file.sizeInBytes(), file.sha256(), ""));
    }
    unreadable.forEach(
        (file, why) ->
            rows.add(new Row(directory.relativize(file).toString(), State.CORRUPT, 0, "", why)));
    parts.add(new Part(data.id(), data.title(), directory, rows));
  }

  /** {@return the number of files in the table} */
  public long count() {
    return parts.stream().mapToLong(part -> part.rows().size()).sum();
  }

  /** {@return the number of files that are missing or corrupt} */
  public long faultyCount() {
    return parts.stream().flatMap(part -> part.rows().stream()).filter(FileTable::isFaulty).count();
  }

  /** Prints all files, as a table or as one JSON object. */
  public void print(Console console, boolean asJson) {
    if (asJson) {
      Json.print(console, toJson());
      return;
    }
    for (Part part : parts) {
      console.out().println(part.title());
      console.out().printf(ROW, "file", "state", "bytes", "SHA-256");
      for (Row file : part.rows()) {
        boolean missing = file.state() == State.MISSING;
        console
            .out()
            .printf(
                ROW,
                file.name(),
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
      ObjectNode dataset = datasets.addObject().put("dataset", part.id());
      dataset.put("directory", part.directory().toString());
      ArrayNode files = dataset.putArray("files");
      for (Row file : part.rows()) {
        ObjectNode entry = files.addObject().put("name", file.name());
        entry.put("state", lower(file.state())).put("bytes", file.sizeInBytes());
        entry.put("sha256", file.sha256()).put("detail", file.detail());
      }
    }
    return json;
  }

  private static boolean isFaulty(Row file) {
    return file.state() != State.OK;
  }

  private static String lower(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
