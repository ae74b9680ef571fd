package example;

import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetModel;







import java.util.List;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * Transfer: the pretrained network up to dense2 as it is, and behind it a layer of our own for two
 * classes, which is all that is trained. The images are drawn here: upright bars and lying ones.
 */
public class OwnHead {

  private static final int IMAGES = 64;
  private static final int FEATURES = 84; // what dense2 gives
  private static final int STEPS = 200;

  public static void main(String[] args) throws Exception {
    byte[] pixels = new byte[IMAGES * 28 * 28];
    float[] oneHot = new float[IMAGES * 2];
    draw(pixels, oneHot);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TUint8 batch = TUint8.tensorOf(Shape.of(IMAGES, 28, 28), DataBuffers.of(pixels));
        TFloat32 wanted = TFloat32.tensorOf(Shape.of(IMAGES, 2), DataBuffers.of(oneHot))) {
      Ops tf = Ops.create(graph);
      Placeholder<TUint8> images =
          tf.placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, 28, 28)));
      Placeholder<TFloat32> labels =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      LeNet lenet = LeNetModel.pretrained().build(tf); // constants: nothing of it will be trained
      Operand<TFloat32> features = lenet.forward(tf.withSubScope("lenet"), images).layer("dense2");

      Ops head = tf.withSubScope("head");
      Variable<TFloat32> kernel =
          head.variable(head.zeros(head.constant(Shape.of(FEATURES, 2)), TFloat32.class));
      Variable<TFloat32> bias =
          head.variable(head.zeros(head.constant(Shape.of(2)), TFloat32.class));
      Operand<TFloat32> logits = head.nn.biasAdd(head.linalg.matMul(features, kernel), bias);
      Operand<TFloat32> loss =
          tf.math.mean(
              tf.nn.softmaxCrossEntropyWithLogits(logits, labels).loss(), tf.constant(0));
      Output<?>[] gradients =
          graph.addGradients(
              loss.asOutput(), new Output<?>[] {kernel.asOutput(), bias.asOutput()});
      // Of several layers none may change before all gradients are there; of one, this is enough.
      Operand<TFloat32> rate = tf.constant(0.5f);
      var steps =
          List.of(
              tf.train.applyGradientDescent(kernel, rate, gradients[0].expect(TFloat32.class)),
              tf.train.applyGradientDescent(bias, rate, gradients[1].expect(TFloat32.class)));

      for (int step = 0; step <= STEPS; step++) {
        var runner = session.runner().feed(images, batch).feed(labels, wanted).fetch(loss);
        steps.forEach(runner::addTarget);
        try (Result result = runner.run()) {
          if (step % 50 == 0) {
            System.out.printf("step %3d, loss %.3f%n", step, ((TFloat32) result.get(0)).getFloat());
          }
        }
      }
    }
  }

  private static void draw(byte[] pixels, float[] oneHot) {
    Random random = new Random(1);
    for (int i = 0; i < IMAGES; i++) {
      int label = i % 2;
      oneHot[2 * i + label] = 1;
      int at = 8 + random.nextInt(8);
      for (int across = at; across < at + 6; across++) {
        for (int along = 4; along < 24; along++) {
          int row = label == 0 ? along : across;
          int column = label == 0 ? across : along;
          pixels[i * 28 * 28 + row * 28 + column] = (byte) 200;
        }
      }
    }
  }
}
