module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<complex<f32>>, %arg1: tensor<complex<f32>>) -> (tensor<i1> {jax.result_info = "result"}) {
    %0 = stablehlo.real %arg0 : (tensor<complex<f32>>) -> tensor<f32>
    %1 = stablehlo.real %arg1 : (tensor<complex<f32>>) -> tensor<f32>
    %2 = stablehlo.compare EQ, %0, %1, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %3 = stablehlo.imag %arg0 : (tensor<complex<f32>>) -> tensor<f32>
    %4 = stablehlo.imag %arg1 : (tensor<complex<f32>>) -> tensor<f32>
    %5 = stablehlo.compare GE, %3, %4, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %6 = stablehlo.real %arg0 : (tensor<complex<f32>>) -> tensor<f32>
    %7 = stablehlo.real %arg1 : (tensor<complex<f32>>) -> tensor<f32>
    %8 = stablehlo.compare GE, %6, %7, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %9 = stablehlo.select %2, %5, %8 : tensor<i1>, tensor<i1>
    return %9 : tensor<i1>
  }
}
