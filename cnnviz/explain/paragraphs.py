"""The paragraph that one should know about each formula: the texts, without when each is due."""

from __future__ import annotations

from cnnviz.message import Message

WINDOW_OUTPUT = Message(
    "The window begins at the first pixel and moves on by the stride, as long as it fits "
    "into the input. The output has one value for each place that it stands at: the way "
    "it can go, divided by the stride and rounded down, plus one for the first place. So "
    'larger windows make smaller maps. With padding "valid" no zeros are added, and the '
    "window stands only where all that it reads is there."
)
STRIDE = Message(
    "With a stride of more than 1 the window jumps: neighbouring outputs look at places "
    "further apart. A stride of 2 leaves half of the rows and half of the columns, and so "
    "a quarter of the values and of the work behind it. Every later layer sees more of "
    "the image for it, because each of its steps is a longer way in the input. The price "
    "is that places are known less exactly; a stride that is longer than the window even "
    "leaves pixels that nobody reads."
)
DILATION = Message(
    "Dilation puts gaps between the values that a kernel reads: at 2 it reads every "
    "second one. The kernel so reaches over dilation·(kernel − 1) + 1 pixels with no more "
    "weights than before, and without making the maps smaller. That helps where much "
    "surrounding counts but every pixel needs an answer, as in segmentation. Several "
    "layers with the same dilation can leave a regular grid of pixels unread, which is "
    "why such networks vary it from layer to layer."
)
SAME = Message(
    'With padding "same" as many zeros are put around the input as the output needs to '
    "have ⌈input / stride⌉ rows and columns: with stride 1, as many as the input. Without "
    "them every layer would make the maps smaller, and pixels at the border would take "
    "part in fewer sums than those in the middle. The price is that windows at the border "
    "read zeros that are not in the image. Where the number of zeros is odd, the one more "
    "goes to the bottom or the right, as in TensorFlow."
)
BORDER = Message(
    "These zeros are put around the input before a window slides over it, so that it can "
    "also stand at the border. With stride 1 and no dilation, an odd kernel needs (kernel "
    "− 1) / 2 of them at each side to keep the size of the maps. More than that makes the "
    "output larger than the input, but the additional windows see mostly zeros."
)
TRANSPOSED = Message(
    "Here every input value leaves a stamp in the output: the kernel, multiplied by the "
    "value. Each step in the input is a jump of the stride in the output, so a stride of "
    "2 about doubles the maps: it is the arithmetic of a convolution's output size, "
    "solved for its input. Networks use it to make small maps large again, as in decoders "
    "and segmentation. Where the kernel is not a multiple of the stride, stamps overlap "
    "unevenly, which can show as a checkerboard in the output."
)
TRANSPOSED_PADDING = Message(
    "Where the stamps at the border reach beyond the input size times the stride, they "
    "are cut off, so that the output has exactly that size. Where they do not reach so "
    'far, zeros follow them. It is the way back of a convolution with padding "same": '
    "what that one adds, this one cuts off."
)
ADAPTIVE = Message(
    "Here one says how many windows there shall be, and not how large they are. The "
    "windows share the map out among themselves: where it does not divide evenly they "
    "differ by a pixel and may overlap. So a network can take images of any size and "
    "still hand on the number of values that its first dense layer was made for."
)
SHARED_WEIGHTS = Message(
    "A filter is one small kernel for every map that it reads, and a bias. It uses the "
    "same weights at every place of the image: that is weight sharing. So what is learned "
    "in one corner is found everywhere, and the number of weights does not depend on the "
    "size of the image. A dense layer to the same output would need a weight of its own "
    "for every pair of an input value and an output value."
)
GROUPS = Message(
    "With groups, the maps are divided into as many parts, and each filter reads the maps "
    "of its own part only. That divides the weights and the multiply-adds by the number "
    "of groups. AlexNet was split in two like this because it did not fit into the memory "
    "of one GPU. With as many groups as maps each filter sees a single one, a depthwise "
    "convolution; a 1×1 convolution behind it then mixes the maps again."
)
CONNECTIONS = Message(
    "The table says which maps each filter reads; weights exist only for these "
    "connections. The third layer of LeNet-5 has such a table, for two reasons that its "
    "authors gave. It keeps the number of connections within reasonable bounds. And "
    "filters that see different maps are forced to find different features."
)
LOCAL_WEIGHTS = Message(
    "As in a convolution each output value looks through a small window, but every "
    "position has weights of its own. So something else can be learned for every place, "
    "which suits images in which things always stand at the same place, such as aligned "
    "faces. But the number of weights grows with the size of the image, and what is "
    "learned at one place is of no use at another."
)
STAMP_WEIGHTS = Message(
    "The weights are those of a convolution that goes the other way: a kernel for each "
    "pair of an input map and an output map. They are shared, too: every value of a map "
    "leaves the same stamp, multiplied by itself. Where stamps overlap they are added up, "
    "and a bias is added to each output map."
)
DENSE_WEIGHTS = Message(
    "Every unit has a weight for every input, and a bias. Nothing is shared: what is "
    "learned about one place of the image helps at no other. That is why most parameters "
    "of many networks lie in the first dense layer behind the maps; in VGG-16 three "
    "quarters of all. Pooling before it, down to one value a map, makes it small."
)
AFFINE = Message(
    "Once the values have mean 0 and variance 1, they are multiplied by a factor, and an "
    "offset is added. Both are learned, so that the network can choose another scale, or "
    "take the normalisation back, where that serves it better. They start at 1 and 0, "
    "which changes nothing."
)
SLOPES = Message(
    "PReLU learns how much of the negative values it lets through, with one slope for all "
    "values of a map. It costs next to nothing beside the weights of a convolution. In "
    "the paper of 2015 that introduced it, early layers learned slopes well above 0 and "
    "so kept both signs, while deep layers came close to a ReLU."
)
COEFFICIENTS = Message(
    "LeNet-5 did not simply average its windows: it multiplied the sum by a learned "
    "coefficient and added a learned bias, one pair for each map, before its squashing "
    "function. A small coefficient keeps that function near its straight part, a large "
    "one makes it a switch. Today plain pooling does this work, and learning is left to "
    "the convolutions."
)
NOTHING_LEARNED = Message(
    "This layer has no weights: it does the same before training as after it. Yet it "
    "takes part in learning, because the error is handed back through it to the layers "
    "before. How it changes the values decides how well those layers can learn."
)
MULTIPLY_ADDS = Message(
    "A multiply-add is the product of a weight and an input, added to a sum: the unit in "
    "which the work of a network is counted. Each output value takes as many as it uses "
    "weights, so early layers with large maps cost most, however few weights they have. "
    "Biases, pooling, normalisation and activations are left out, because they are small "
    "beside it. Papers that speak of FLOPs often count product and sum apart, and so give "
    "twice this number."
)
DENSE_WORK = Message(
    "A dense layer uses each of its weights exactly once for an image, so it has as many "
    "multiply-adds as weights. A convolution uses each weight at every position: few "
    "weights, and much work. That is why, in most networks, dense layers fill the memory "
    "and convolutions take the time."
)
RECEPTIVE_FIELD = Message(
    "The receptive field is the part of the input image that one value of this layer can "
    "depend on. Every kernel widens it, and every stride makes the steps of all later "
    "layers longer. Small kernels behind each other see as much as one large kernel, with "
    "fewer weights: two of 3×3 see 5×5, three see 7×7. To recognise a thing, a network "
    "must be able to see it whole. Pixels in the middle of the field usually count much "
    "more than those at its edge."
)
MEMORY = Message(
    "These are the values that the layer hands on, in float32, for one image. In training "
    "they are kept for every image of the batch, because the way back of the error needs "
    "them: multiply by the batch size. In convolutional networks that is often far more "
    "than the weights take. If a GPU runs out of memory, a smaller batch helps first, "
    "then smaller maps in the early layers."
)
EACH_VALUE = Message(
    "An activation function is applied to each value alone, with nothing of its "
    "neighbours, so the shape stays. It comes behind nearly every convolution and dense "
    "layer. Its cost is small, but its output is kept in memory for training like that of "
    "any other layer."
)
INPUT_VALUES = Message(
    "These numbers are all that the network gets to see of an image. Grey images have one "
    "channel, colour images three: red, green and blue. Before training they are usually "
    "shifted and scaled to have mean 0 and variance 1, because layers learn best with "
    "values of that size."
)
RELU = Message(
    "Without a function that bends, layers behind each other would be worth no more than "
    "a single one, because sums of sums are sums. ReLU is the simplest of them: negative "
    "values become 0, positive ones stay. Its slope is 1 wherever it lets through, so the "
    "error does not shrink on its way back through many layers. But a unit whose input is "
    "negative for all images learns nothing any more."
)
LEAKY = Message(
    "Like a ReLU it lets positive values pass, but something of the negative ones comes "
    "through as well. So there is a slope everywhere, and a unit whose input is always "
    "negative can still learn its way back. The mean of the values is also nearer to 0, "
    "which the next layer likes."
)
SMOOTH = Message(
    "It looks like a ReLU from far away, but bends smoothly around 0. So its slope "
    "changes little by little, and small negative values still have one, which often "
    "makes deep networks learn a little better. It costs more to compute than a ReLU, "
    "because it needs an exponential or a function like it."
)
STRAIGHT = Message(
    "It is made of straight lines, so that small devices compute it quickly and without "
    "an exponential. That its values, or those of a part of it, end at a fixed bound also "
    "suits numbers of few bits. Where it is flat, the error does not come through, and "
    "nothing is learned there."
)
SIGMOID = Message(
    "It squeezes every value between 0 and 1, like a share or a switch. Far from 0 it is "
    "nearly flat, and its slope is nowhere more than a quarter: the error shrinks on its "
    "way back through every such layer. That is why deep networks with it learn slowly, "
    "and why ReLU took its place inside them. At the output it is still used where "
    "several answers can be right at once."
)
TANH = Message(
    "It squeezes every value between two bounds, and keeps the sign. Its values lie "
    "around 0, so the next layer learns more easily than behind a sigmoid; its slope at 0 "
    "is larger as well. Far from 0 it is nearly flat all the same, and the error hardly "
    "comes back through it."
)
SOFTMAX = Message(
    "Softmax turns any numbers into positive shares that add up to 1, which are read as "
    "probabilities. Only differences count: the same number added to all of them changes "
    "nothing, and a lead of 1 means about 2.7 times the share. In training it is joined "
    "with the loss and computed from the logits, which is more exact; so a network need "
    "not end in one. A high share is no proof: networks are often surer than they are "
    "right."
)
BATCH_NORM = Message(
    "Layers learn best when the values that they get have about the same size all the "
    "time. Batch norm takes the mean and the variance of each map, over all images of the "
    "batch and all positions, and brings the map to mean 0 and variance 1. Larger "
    "learning rates become possible, and how the weights started matters less. Each image "
    "is so judged together with the others of its batch, which also hinders overfitting a "
    "little. With very small batches the statistics are unreliable; group or layer norm "
    "are better then."
)
RUNNING = Message(
    "In training, batch norm uses the mean and the variance of the batch at hand. A "
    "single drawn digit has no batch, so running averages of both are kept along the way, "
    "and used afterwards. They are buffers: no optimizer changes them, but they are saved "
    "with the weights. If a network does well in training and badly in use, running "
    "statistics that do not fit its data are a frequent reason."
)
RUNNING_MEAN = Message(
    "With each batch the running mean moves a little towards the mean of that batch. The "
    "momentum says how much: a small one averages over many batches and is steady, a "
    "large one follows quickly. It is meant as in PyTorch; TensorFlow calls 1 minus this "
    "number momentum."
)
LAYER_NORM = Message(
    "Layer norm takes the mean and the variance over all values of one image, and none of "
    "the other images. So it does the same in training and in use, and works with a batch "
    "of any size, even of one. It has its home in transformers and recurrent networks, "
    "and came back to convolutional ones with ConvNeXt."
)
GROUP_NORM = Message(
    "Group norm divides the maps of one image into groups, and brings each group to mean "
    "0 and variance 1. No other image has a part in it, so it also works with the small "
    "batches that large images force upon one. One group for all maps is nearly layer "
    "norm; as many groups as maps is called instance norm."
)
RESPONSE_NORM = Message(
    "Each value is divided by a measure of the values at the same place in the maps "
    "beside its own: strong answers damp their neighbours, as nerve cells do. AlexNet had "
    "it, and its authors found the error a little smaller with it. The VGG networks found "
    "no gain two years later, and batch norm has taken its place."
)
DROPOUT = Message(
    "At every training step some of the values, drawn by chance, become 0. So no unit can "
    "rely on a certain other one being there, several ways to the answer are learned, and "
    "the network overfits less. The others are divided by 1 − rate, so that the sums of "
    "the next layer keep their usual size. When the network is used, nothing is dropped."
)
DROPOUT_USE = Message(
    "Dropout is for training alone. Because what was left was made larger then, nothing "
    "has to be scaled now. It is also why the accuracy on the training data can be lower, "
    "while it trains, than that on the test data: the one is measured with values "
    "missing, and the other without."
)
CHANNEL_DROPOUT = Message(
    "Neighbouring values of a feature map are much alike: if one is missing, the next "
    "still tells what it said. So dropping single values hinders a convolution little. "
    "Here whole maps are dropped instead, and the network has to do without a feature "
    "altogether."
)
MAX_POOL = Message(
    "Max pooling keeps the strongest answer of each window: that a feature was found "
    "counts, and not exactly where. So small shifts of the image change little, later "
    "layers see more of it, and there is less to compute. In training only the value that "
    "was picked gets the error back."
)
AVG_POOL = Message(
    "Average pooling makes the maps smaller and keeps the mean of what was there. It is "
    "gentler than taking the largest value: weak answers count as well, and single strong "
    "ones are smoothed away. In training the error is handed back to all values of the "
    "window in equal parts."
)
GLOBAL_AVG = Message(
    "One number is left of each map: how much of its feature there is in the image, "
    "wherever it is. That needs no weights, and so replaces the largest dense layer of "
    "older networks and hinders overfitting. It also makes the network independent of the "
    "size of the image. Network in Network introduced it, and ResNet and most later "
    "networks end like this."
)
GLOBAL_MAX = Message(
    "One number is left of each map: how strongly its feature was found at its best "
    "place. It says whether a thing is there, and nothing of where or how often. In "
    "training only that place gets the error back, so each map learns from one spot of "
    "each image."
)
FLATTEN = Message(
    "A dense layer wants its inputs in one long row, so the values of all maps are "
    "written one behind the other. Nothing is computed, and nothing is lost, but from "
    "here on the network no longer knows which values were neighbours. How long the row "
    "is decides how many weights the next dense layer needs."
)
GROUP_VALUES = Message(
    "Mean and variance are only as good as the number of values that they are taken from. "
    "A group spans some maps and all their positions, of one image alone. The fewer "
    "groups there are, the more values each of them has, and the more the maps have to "
    "share one scale."
)
ADD = Message(
    "A block with a way around it only has to learn what is to be added to its input, the "
    "residual. If nothing is to be changed, its weights need only become small, which is "
    "easy to learn. And the error comes back through the sum undiminished, past all "
    "layers of the block. That is how ResNet could be trained with more than a hundred "
    "layers."
)
MULTIPLY = Message(
    "One branch says how much of the other is to pass: a gate between 0, for nothing, and "
    "1, for all, if it ends in a sigmoid. A 1×1 map with one number for each feature so "
    "weighs whole maps by what the image shows as a whole. That is the idea of "
    "squeeze-and-excitation, and of attention in general."
)
CONCAT = Message(
    "Branches may look at the same maps in different ways, such as with small and with "
    "large kernels; all their maps are then handed on side by side, and the next layer "
    "weighs them. Inception did this with 1×1, 3×3 and 5×5 kernels. In DenseNet one "
    "branch is empty, so that the maps of all earlier layers stay at hand. Height and "
    "width must agree, the numbers of maps are added up."
)
BRANCH_PARAMETERS = Message(
    "Merging learns nothing itself: all parameters are in the layers of the branches. An "
    "empty branch has none, so a way around a block is free. Where a branch is expensive, "
    "a 1×1 convolution that makes fewer maps first is a common remedy."
)
BRANCH_WORK = Message(
    "Every branch is computed for every image, so their work adds up, and they can be "
    "computed side by side. The additions or products of the merge are left out, as "
    "everything is that is not the product of a weight and an input."
)
FROZEN = Message(
    "A frozen layer works as always, but training does not change its weights. That is "
    "how one builds on a network that has learned from much data: its early layers find "
    "edges and textures, which are useful for other images, too. Only the last layers are "
    "then learned anew, which takes few images and little time. Later one may thaw the "
    "rest and train on with a small learning rate."
)
