package io.github.lenet.cli;

import io.github.lenet.data.DatasetFile;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.FileStatus;
import io.github.lenet.data.FileStatus.State;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A data set's files in a directory of the user's, gzipped or plain: what {@code --data-dir} means.
 *
 * @param source which data set it should be
 * @param directory where the files are
 */
record OwnFiles(DatasetSource source, Path directory) {

  OwnFiles {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(directory, "directory");
  }

  /** In the directory itself, or in its folder named after the data set if it has one. */
  static OwnFiles of(DatasetSource source, Path directory) {
    Path folder = directory.resolve(source.id());
    return new OwnFiles(source, Files.isDirectory(folder) ? folder : directory);
  }

  /** The state of each file, in the order of {@link DatasetSource#files()}. */
  List<FileStatus> verify() {
    return source.files().stream().map(this::status).toList();
  }

  private FileStatus status(DatasetFile file) {
    String plainName = file.name().replaceFirst("\\.gz$", "");
    Path path =
        Stream.of(file.name(), plainName)
            .map(directory::resolve)
            .filter(Files::exists)
            .findFirst()
            .orElse(directory.resolve(file.name()));
    if (!Files.exists(path)) {
      return new FileStatus(file, path, State.MISSING, "");
    }
    try {
      String sha256 = Sha256.of(path);
      boolean ok =
          sha256.equals(file.sha256())
              || sha256.equals(file.rawSha256())
              || unpacksToPublished(file, path);
      return ok
          ? new FileStatus(file, path, State.OK, "")
          : new FileStatus(file, path, State.DAMAGED, describe(sha256));
    } catch (IOException e) {
      return new FileStatus(file, path, State.DAMAGED, "can't be read: " + Failures.describe(e));
    }
  }

  /** Whether the file is the publisher's, only compressed anew by somebody else. */
  private static boolean unpacksToPublished(DatasetFile file, Path path) {
    try (InputStream raw = new GZIPInputStream(Files.newInputStream(path))) {
      return Sha256.of(raw, file.rawSizeInBytes()).equals(file.rawSha256());
    } catch (IOException e) { // not gzip, or not whole: then it is not the publisher's
      return false;
    }
  }

  /** The files of different data sets have the same names, and are mixed up easily. */
  private static String describe(String sha256) {
    for (DatasetSource other : DatasetArguments.SOURCES) {
      for (DatasetFile file : other.files()) {
        if (sha256.equals(file.sha256()) || sha256.equals(file.rawSha256())) {
          return "is %s's %s".formatted(other.title(), file.name());
        }
      }
    }
    return "wrong content, SHA-256 " + sha256;
  }
}
