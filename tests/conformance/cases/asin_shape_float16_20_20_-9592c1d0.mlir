module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xf16>) -> (tensor<20x20xf16> {jax.result_info = "result"}) {
    %cst = stablehlo.constant dense<1.000000e+00> : tensor<f16>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f16>) -> tensor<20x20xf16>
    %1 = stablehlo.subtract %0, %arg0 : tensor<20x20xf16>
    %cst_0 = stablehlo.constant dense<1.000000e+00> : tensor<f16>
    %2 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f16>) -> tensor<20x20xf16>
    %3 = stablehlo.add %2, %arg0 : tensor<20x20xf16>
    %4 = stablehlo.multiply %1, %3 : tensor<20x20xf16>
    %5 = stablehlo.sqrt %4 : tensor<20x20xf16>
    %6 = stablehlo.atan2 %arg0, %5 : tensor<20x20xf16>
    return %6 : tensor<20x20xf16>
  }
}
