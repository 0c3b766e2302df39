module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<1x20xcomplex<f32>>, %arg1: tensor<20x20xcomplex<f32>>) -> (tensor<20x20xcomplex<f32>> {jax.result_info = "result"}) {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [0, 1] : (tensor<1x20xcomplex<f32>>) -> tensor<20x20xcomplex<f32>>
    %1 = stablehlo.real %0 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %2 = stablehlo.real %arg1 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %3 = stablehlo.compare EQ, %1, %2, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %4 = stablehlo.compare GT, %1, %2, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %5 = stablehlo.imag %0 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %6 = stablehlo.imag %arg1 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %7 = stablehlo.compare GT, %5, %6, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %8 = stablehlo.select %3, %7, %4 : tensor<20x20xi1>, tensor<20x20xi1>
    %9 = stablehlo.select %8, %0, %arg1 : tensor<20x20xi1>, tensor<20x20xcomplex<f32>>
    return %9 : tensor<20x20xcomplex<f32>>
  }
}
