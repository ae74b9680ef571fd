package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The data sets that are known by their hashes. */
final class Catalogue {
  private Catalogue() {}

  static List<DatasetSource> sources() {
    return List.of(FashionMnist.SOURCE, Mnist.SOURCE);
  }

  /** Names the file with this hash (gzipped or raw), as in "MNIST's t10k-images-idx3-ubyte.gz". */
  static Optional<String> identify(String sha256) {
    for (DatasetSource source : sources()) {
      for (DatasetFile file : source.files()) {
        if (sha256.equals(file.sha256()) || sha256.equals(file.rawSha256())) {
          return Optional.of(source.title() + "'s " + file.name());
        }
      }
    }
    return Optional.empty();
  }

  /** {@return the data set of these four files, found by their raw hashes} */
  static Optional<DatasetSource> identify(IdxQuartet files) {
    return sources().stream()
        .filter(
            source ->
                source.trainImages().rawSha256().equals(files.trainImages().rawSha256())
                    && source.trainLabels().rawSha256().equals(files.trainLabels().rawSha256())
                    && source.testImages().rawSha256().equals(files.testImages().rawSha256())
                    && source.testLabels().rawSha256().equals(files.testLabels().rawSha256()))
        .findFirst();
  }

  /** Loads a data set from a directory. Writes nothing. */
  static DatasetSplits load(DatasetSource source, Path directory) throws IOException {
    Path folder = source.in(directory);
    Map<DatasetFile, Path> paths = new LinkedHashMap<>();
    for (DatasetFile file : source.files()) {
      paths.put(file, IdxQuartet.find(folder, file.rawName()));
    }
    return load(source, paths);
  }

  /** Loads from known paths. Reads each file once, so the decoded bytes are the hashed bytes. */
  static DatasetSplits load(DatasetSource source, Map<DatasetFile, Path> paths) throws IOException {
    IdxFile trainLabels = read(source, source.trainLabels(), paths);
    IdxFile testLabels = read(source, source.testLabels(), paths);
    IdxFile trainImages = read(source, source.trainImages(), paths);
    IdxFile testImages = read(source, source.testImages(), paths);
    IdxQuartet files =
        new IdxQuartet(trainImages, trainLabels, testImages, testLabels)
            .requireAgreement()
            .requireLabelsBelow(source.classNames().size());
    return files.splits(
        source.classNames(),
        new Provenance(source.id(), source.title(), source.licence(), "", files.provenance()),
        source.allowsHorizontalFlip());
  }

  private static IdxFile read(DatasetSource source, DatasetFile file, Map<DatasetFile, Path> paths)
      throws IOException {
    Path path = paths.get(file);
    boolean images = file.equals(source.trainImages()) || file.equals(source.testImages());
    IdxFile decoded =
        images
            ? IdxReader.readImages(path, file.rawSizeInBytes())
            : IdxReader.readLabels(path, file.rawSizeInBytes());
    if (!decoded.rawSha256().equals(file.rawSha256())) {
      throw ChecksumException.of(
          source,
          file,
          path,
          decoded.sizeInBytes(),
          decoded.sha256(),
          Optional.of(decoded.rawSha256()),
          "Put the publisher's file there, or load the directory as a data set of its own.");
    }
    return decoded;
  }
}
