module @jit_transformer_block attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x6x8xf64>, %arg1: tensor<8x24xf64>, %arg2: tensor<8x8xf64>, %arg3: tensor<8x16xf64>, %arg4: tensor<16x8xf64>) -> (tensor<2x6x8xf64> {jax.result_info = "result"}) {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %0 = stablehlo.reduce(%arg0 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<2x6x8xf64>, tensor<f64>) -> tensor<2x6xf64>
    %1 = stablehlo.broadcast_in_dim %0, dims = [0, 1] : (tensor<2x6xf64>) -> tensor<2x6x1xf64>
    %cst_0 = stablehlo.constant dense<8.000000e+00> : tensor<f64>
    %2 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %3 = stablehlo.divide %1, %2 : tensor<2x6x1xf64>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 2] : (tensor<2x6x1xf64>) -> tensor<2x6x8xf64>
    %5 = stablehlo.subtract %arg0, %4 : tensor<2x6x8xf64>
    %6 = stablehlo.multiply %5, %5 : tensor<2x6x8xf64>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %7 = stablehlo.reduce(%6 init: %cst_1) applies stablehlo.add across dimensions = [2] : (tensor<2x6x8xf64>, tensor<f64>) -> tensor<2x6xf64>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1] : (tensor<2x6xf64>) -> tensor<2x6x1xf64>
    %cst_2 = stablehlo.constant dense<8.000000e+00> : tensor<f64>
    %9 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %10 = stablehlo.divide %8, %9 : tensor<2x6x1xf64>
    %cst_3 = stablehlo.constant dense<1.000000e-05> : tensor<f64>
    %11 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %12 = stablehlo.add %10, %11 : tensor<2x6x1xf64>
    %13 = stablehlo.rsqrt %12 : tensor<2x6x1xf64>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0, 1, 2] : (tensor<2x6x1xf64>) -> tensor<2x6x8xf64>
    %15 = stablehlo.multiply %5, %14 : tensor<2x6x8xf64>
    %16 = stablehlo.dot_general %15, %arg1, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x6x8xf64>, tensor<8x24xf64>) -> tensor<2x6x24xf64>
    %17 = stablehlo.slice %16 [0:2, 0:6, 0:8] : (tensor<2x6x24xf64>) -> tensor<2x6x8xf64>
    %18 = stablehlo.slice %16 [0:2, 0:6, 8:16] : (tensor<2x6x24xf64>) -> tensor<2x6x8xf64>
    %19 = stablehlo.slice %16 [0:2, 0:6, 16:24] : (tensor<2x6x24xf64>) -> tensor<2x6x8xf64>
    %20 = stablehlo.reshape %17 : (tensor<2x6x8xf64>) -> tensor<2x6x2x4xf64>
    %21 = stablehlo.transpose %20, dims = [0, 2, 1, 3] : (tensor<2x6x2x4xf64>) -> tensor<2x2x6x4xf64>
    %22 = stablehlo.reshape %18 : (tensor<2x6x8xf64>) -> tensor<2x6x2x4xf64>
    %23 = stablehlo.transpose %22, dims = [0, 2, 1, 3] : (tensor<2x6x2x4xf64>) -> tensor<2x2x6x4xf64>
    %24 = stablehlo.transpose %23, dims = [0, 1, 3, 2] : (tensor<2x2x6x4xf64>) -> tensor<2x2x4x6xf64>
    %25 = stablehlo.dot_general %21, %24, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x2x6x4xf64>, tensor<2x2x4x6xf64>) -> tensor<2x2x6x6xf64>
    %cst_4 = stablehlo.constant dense<2.000000e+00> : tensor<f64>
    %26 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f64>) -> tensor<2x2x6x6xf64>
    %27 = stablehlo.divide %25, %26 : tensor<2x2x6x6xf64>
    %c = stablehlo.constant dense<true> : tensor<i1>
    %28 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i1>) -> tensor<6x6xi1>
    %29 = call @tril(%28) : (tensor<6x6xi1>) -> tensor<6x6xi1>
    %cst_5 = stablehlo.constant dense<-1.000000e+09> : tensor<f64>
    %30 = call @_where(%29, %27, %cst_5) : (tensor<6x6xi1>, tensor<2x2x6x6xf64>, tensor<f64>) -> tensor<2x2x6x6xf64>
    %cst_6 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %31 = stablehlo.reduce(%30 init: %cst_6) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x6x6xf64>, tensor<f64>) -> tensor<2x2x6xf64>
    %cst_7 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %32 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f64>) -> tensor<2x2x6xf64>
    %33 = stablehlo.maximum %32, %31 : tensor<2x2x6xf64>
    %34 = stablehlo.broadcast_in_dim %33, dims = [0, 1, 2] : (tensor<2x2x6xf64>) -> tensor<2x2x6x1xf64>
    %35 = stablehlo.broadcast_in_dim %34, dims = [0, 1, 2, 3] : (tensor<2x2x6x1xf64>) -> tensor<2x2x6x6xf64>
    %36 = stablehlo.subtract %30, %35 : tensor<2x2x6x6xf64>
    %37 = stablehlo.exponential %36 : tensor<2x2x6x6xf64>
    %cst_8 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %38 = stablehlo.reduce(%37 init: %cst_8) applies stablehlo.add across dimensions = [3] : (tensor<2x2x6x6xf64>, tensor<f64>) -> tensor<2x2x6xf64>
    %39 = stablehlo.broadcast_in_dim %38, dims = [0, 1, 2] : (tensor<2x2x6xf64>) -> tensor<2x2x6x1xf64>
    %40 = stablehlo.broadcast_in_dim %39, dims = [0, 1, 2, 3] : (tensor<2x2x6x1xf64>) -> tensor<2x2x6x6xf64>
    %41 = stablehlo.divide %37, %40 : tensor<2x2x6x6xf64>
    %42 = stablehlo.reshape %19 : (tensor<2x6x8xf64>) -> tensor<2x6x2x4xf64>
    %43 = stablehlo.transpose %42, dims = [0, 2, 1, 3] : (tensor<2x6x2x4xf64>) -> tensor<2x2x6x4xf64>
    %44 = stablehlo.dot_general %41, %43, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x2x6x6xf64>, tensor<2x2x6x4xf64>) -> tensor<2x2x6x4xf64>
    %45 = stablehlo.transpose %44, dims = [0, 2, 1, 3] : (tensor<2x2x6x4xf64>) -> tensor<2x6x2x4xf64>
    %46 = stablehlo.reshape %45 : (tensor<2x6x2x4xf64>) -> tensor<2x6x8xf64>
    %47 = stablehlo.dot_general %46, %arg2, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x6x8xf64>, tensor<8x8xf64>) -> tensor<2x6x8xf64>
    %48 = stablehlo.add %arg0, %47 : tensor<2x6x8xf64>
    %cst_9 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %49 = stablehlo.reduce(%48 init: %cst_9) applies stablehlo.add across dimensions = [2] : (tensor<2x6x8xf64>, tensor<f64>) -> tensor<2x6xf64>
    %50 = stablehlo.broadcast_in_dim %49, dims = [0, 1] : (tensor<2x6xf64>) -> tensor<2x6x1xf64>
    %cst_10 = stablehlo.constant dense<8.000000e+00> : tensor<f64>
    %51 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %52 = stablehlo.divide %50, %51 : tensor<2x6x1xf64>
    %53 = stablehlo.broadcast_in_dim %52, dims = [0, 1, 2] : (tensor<2x6x1xf64>) -> tensor<2x6x8xf64>
    %54 = stablehlo.subtract %48, %53 : tensor<2x6x8xf64>
    %55 = stablehlo.multiply %54, %54 : tensor<2x6x8xf64>
    %cst_11 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %56 = stablehlo.reduce(%55 init: %cst_11) applies stablehlo.add across dimensions = [2] : (tensor<2x6x8xf64>, tensor<f64>) -> tensor<2x6xf64>
    %57 = stablehlo.broadcast_in_dim %56, dims = [0, 1] : (tensor<2x6xf64>) -> tensor<2x6x1xf64>
    %cst_12 = stablehlo.constant dense<8.000000e+00> : tensor<f64>
    %58 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %59 = stablehlo.divide %57, %58 : tensor<2x6x1xf64>
    %cst_13 = stablehlo.constant dense<1.000000e-05> : tensor<f64>
    %60 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f64>) -> tensor<2x6x1xf64>
    %61 = stablehlo.add %59, %60 : tensor<2x6x1xf64>
    %62 = stablehlo.rsqrt %61 : tensor<2x6x1xf64>
    %63 = stablehlo.broadcast_in_dim %62, dims = [0, 1, 2] : (tensor<2x6x1xf64>) -> tensor<2x6x8xf64>
    %64 = stablehlo.multiply %54, %63 : tensor<2x6x8xf64>
    %65 = stablehlo.dot_general %64, %arg3, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x6x8xf64>, tensor<8x16xf64>) -> tensor<2x6x16xf64>
    %66 = stablehlo.multiply %65, %65 : tensor<2x6x16xf64>
    %67 = stablehlo.multiply %66, %65 : tensor<2x6x16xf64>
    %cst_14 = stablehlo.constant dense<4.471500e-02> : tensor<f64>
    %68 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f64>) -> tensor<2x6x16xf64>
    %69 = stablehlo.multiply %68, %67 : tensor<2x6x16xf64>
    %70 = stablehlo.add %65, %69 : tensor<2x6x16xf64>
    %cst_15 = stablehlo.constant dense<0.79788456080286541> : tensor<f64>
    %71 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f64>) -> tensor<2x6x16xf64>
    %72 = stablehlo.multiply %71, %70 : tensor<2x6x16xf64>
    %73 = stablehlo.tanh %72 : tensor<2x6x16xf64>
    %cst_16 = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %74 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f64>) -> tensor<2x6x16xf64>
    %75 = stablehlo.add %74, %73 : tensor<2x6x16xf64>
    %cst_17 = stablehlo.constant dense<5.000000e-01> : tensor<f64>
    %76 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f64>) -> tensor<2x6x16xf64>
    %77 = stablehlo.multiply %76, %75 : tensor<2x6x16xf64>
    %78 = stablehlo.multiply %65, %77 : tensor<2x6x16xf64>
    %79 = stablehlo.dot_general %78, %arg4, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x6x16xf64>, tensor<16x8xf64>) -> tensor<2x6x8xf64>
    %80 = stablehlo.add %48, %79 : tensor<2x6x8xf64>
    return %80 : tensor<2x6x8xf64>
  }
  func.func private @tril(%arg0: tensor<6x6xi1>) -> tensor<6x6xi1> {
    %0 = stablehlo.iota dim = 0 : tensor<6x6xi64>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i64>) -> tensor<6x6xi64>
    %2 = stablehlo.add %0, %1 : tensor<6x6xi64>
    %3 = stablehlo.iota dim = 1 : tensor<6x6xi64>
    %4 = stablehlo.compare GE, %2, %3, SIGNED : (tensor<6x6xi64>, tensor<6x6xi64>) -> tensor<6x6xi1>
    %c_0 = stablehlo.constant dense<false> : tensor<i1>
    %5 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<i1>) -> tensor<6x6xi1>
    %6 = stablehlo.select %4, %arg0, %5 : tensor<6x6xi1>, tensor<6x6xi1>
    return %6 : tensor<6x6xi1>
  }
  func.func private @_where(%arg0: tensor<6x6xi1>, %arg1: tensor<2x2x6x6xf64>, %arg2: tensor<f64>) -> tensor<2x2x6x6xf64> {
    %0 = stablehlo.convert %arg2 : tensor<f64>
    %1 = stablehlo.broadcast_in_dim %arg0, dims = [2, 3] : (tensor<6x6xi1>) -> tensor<2x2x6x6xi1>
    %2 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f64>) -> tensor<2x2x6x6xf64>
    %3 = stablehlo.select %1, %arg1, %2 : tensor<2x2x6x6xi1>, tensor<2x2x6x6xf64>
    return %3 : tensor<2x2x6x6xf64>
  }
}
