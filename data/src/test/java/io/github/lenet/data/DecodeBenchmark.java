package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reading a data set's four gzipped files: 12,000 + 2,000 images. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {

  private Path directory;

  @Setup
  public void write() throws IOException {
    directory = Files.createTempDirectory("lenet-decode");
    DatasetSplits sample = SampleGarments.load();
    write("train", sample.train());
    write("t10k", sample.test());
  }

  private void write(String part, ImageDataset dataset) throws IOException {
    int size = dataset.size();
    byte[] labels = new byte[size];
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) dataset.label(i);
    }
    write(
        part + "-images-idx3-ubyte.gz",
        TinyDataset.idx(8, dataset.pixels(), size, dataset.height(), dataset.width()));
    write(part + "-labels-idx1-ubyte.gz", TinyDataset.idx(8, labels, size));
  }

  private void write(String name, byte[] idx) throws IOException {
    Files.write(directory.resolve(name), TinyDataset.gzip(idx, Deflater.DEFAULT_COMPRESSION));
  }

  @TearDown
  public void delete() throws IOException {
    List<Path> written;
    try (Stream<Path> files = Files.list(directory)) {
      written = files.toList();
    }
    for (Path file : written) {
      Files.delete(file);
    }
    Files.delete(directory);
  }

  @Benchmark
  public DatasetSplits quartet() throws IOException {
    return IdxDirectory.load(directory);
  }
}
