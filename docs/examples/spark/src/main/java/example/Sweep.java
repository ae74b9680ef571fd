package example;

import static org.apache.spark.sql.functions.desc;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.IdxDirectory;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.DivergedException;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Trains a network for every learning rate and architecture, each in a task with one thread. */
public class Sweep {

  private static final Map<String, LeNetConfig> ARCHITECTURES =
      Map.of(
          "tanh", LeNetConfig.builder().activation(Activation.TANH).build(),
          "relu", LeNetConfig.builder().activation(Activation.RELU).pooling(Pooling.MAX).build());
  private static final List<Double> LEARNING_RATES = List.of(0.03, 0.1, 0.3);
  private static final int EPOCHS = 3;

  private static final StructType RESULTS =
      StructType.fromDDL("architecture STRING, learning_rate DOUBLE, validation_accuracy DOUBLE");

  /** Argument: a directory of IDX files, such as Fashion-MNIST; without it, the sample set. */
  public static void main(String[] args) throws IOException {
    String directory = args.length == 0 ? null : args[0];
    List<Row> grid = new ArrayList<>();
    for (String architecture : ARCHITECTURES.keySet()) {
      for (double learningRate : LEARNING_RATES) {
        grid.add(RowFactory.create(architecture, learningRate));
      }
    }
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      var results =
          new JavaSparkContext(spark.sparkContext())
              .parallelize(grid, grid.size()) // one training per task
              .map(setting -> train(setting.getString(0), setting.getDouble(1), directory));
      spark.createDataFrame(results, RESULTS).orderBy(desc("validation_accuracy")).show();
    }
  }

  private static Row train(String architecture, double learningRate, String directory)
      throws IOException {
    DatasetSplits data =
        directory == null ? SampleGarments.load() : IdxDirectory.load(Path.of(directory));
    data = data.withValidation(0.2);
    ImageDataset validation = data.validation().orElseThrow();
    TrainingConfig config =
        TrainingConfig.builder()
            .architecture(ARCHITECTURES.get(architecture))
            .optimizer(Optimizer.sgd(learningRate))
            .epochs(EPOCHS)
            .batchSize(64)
            .threads(1)
            .build();
    try (Trainer trainer = new Trainer(config)) {
      List<EpochResult> epochs = trainer.fit(data.train(), validation);
      double accuracy = epochs.get(EPOCHS - 1).validation().accuracy();
      return RowFactory.create(architecture, learningRate, accuracy);
    } catch (DivergedException e) {
      return RowFactory.create(architecture, learningRate, null);
    }
  }
}
